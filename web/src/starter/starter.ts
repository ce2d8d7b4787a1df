/** The starter list of a new shop: about 320 common goods, written for this app, with names that people say. */
import type { Unit } from "../core/format";

export interface StarterGood {
  id: string;
  name: string;
  names: Record<string, string>;
  aliases: string[];
  category: string;
  unit: Unit;
  price_paise: number;
}

/** One good a line: id, English name, Hindi name, further names, unit, rupees. A line with # opens a category. */
const GOODS = `
#staples
atta|Wheat flour, loose|आटा, खुला|gehu aata,atta|kg|40
atta-5kg|Wheat flour 5 kg|आटा 5 किलो|atta 5kg|piece|230
atta-10kg|Wheat flour 10 kg|आटा 10 किलो|atta 10kg|piece|445
maida|Maida|मैदा|fine flour|kg|44
sooji|Sooji|सूजी|rava,suji|kg|48
besan|Besan|बेसन|gram flour|kg|95
wheat|Wheat|गेहूँ|gehu,gehun|kg|32
rice|Rice, loose|चावल, खुला|chawal,chaval|kg|52
rice-basmati|Basmati rice|बासमती चावल|basmati chawal|kg|110
rice-basmati-1kg|Basmati rice 1 kg pack|बासमती चावल 1 किलो|basmati|piece|125
rice-sona|Sona masoori rice|सोना मसूरी चावल|sona masuri|kg|62
rice-idli|Idli rice|इडली चावल|idly rice|kg|48
rice-broken|Broken rice|टुकड़ा चावल|kanki,tukda|kg|34
poha|Poha|पोहा|chiwda,beaten rice,aval|kg|60
murmura|Puffed rice|मुरमुरा|kurmura,lai|kg|80
daliya|Daliya|दलिया|broken wheat|kg|55
sabudana|Sabudana|साबूदाना|sago|kg|90
vermicelli|Vermicelli 400 g|सेवई 400 ग्राम|seviyan,semiya|piece|45
bajra-flour|Bajra flour|बाजरे का आटा|bajra atta|kg|45
jowar-flour|Jowar flour|ज्वार का आटा|jowar atta|kg|55
ragi-flour|Ragi flour|रागी का आटा|nachni atta|kg|60
makki-flour|Maize flour|मक्के का आटा|makki atta|kg|42
rice-flour|Rice flour|चावल का आटा|chawal atta|kg|50
corn-flour|Corn flour 100 g|कॉर्नफ्लोर 100 ग्राम|cornflour|piece|25
sugar|Sugar|चीनी|cheeni,chini,shakkar|kg|45
sugar-5kg|Sugar 5 kg|चीनी 5 किलो|cheeni 5kg|piece|230
jaggery|Jaggery|गुड़|gud,gur|kg|60
mishri|Rock sugar|मिश्री|mishri|kg|90
bura|Powdered sugar|बूरा|boora,pisi cheeni|kg|60
salt-1kg|Salt 1 kg|नमक 1 किलो|namak|piece|25
rock-salt|Rock salt 1 kg|सेंधा नमक 1 किलो|sendha namak|piece|60
black-salt|Black salt 100 g|काला नमक 100 ग्राम|kala namak|piece|15
oats-500|Oats 500 g|ओट्स 500 ग्राम|jai|piece|105
cornflakes|Corn flakes 250 g|कॉर्न फ्लेक्स 250 ग्राम|cornflakes|piece|110
papad|Papad 200 g|पापड़ 200 ग्राम|papadam,appalam|piece|70
soya-chunks|Soya chunks 200 g|सोया बड़ी 200 ग्राम|soyabean badi,nutri|piece|48
peanuts|Peanuts|मूंगफली|moongphali,singdana|kg|130
#pulses
toor-dal|Toor dal|अरहर दाल|arhar,tur dal|kg|155
moong-dal|Moong dal|मूंग दाल|mung dal|kg|130
moong-whole|Green moong, whole|साबुत मूंग|sabut moong|kg|120
moong-chilka|Split moong with skin|छिलका मूंग दाल|chilka moong|kg|122
urad-dal|Urad dal|उड़द दाल|urad dhuli|kg|140
urad-whole|Black urad, whole|साबुत उड़द|kali dal|kg|130
chana-dal|Chana dal|चना दाल|chana daal|kg|90
masoor-dal|Masoor dal|मसूर दाल|lal masoor|kg|95
masoor-whole|Masoor, whole|साबुत मसूर|kali masoor|kg|90
kabuli-chana|Kabuli chana|काबुली चना|chole,chickpeas|kg|130
kala-chana|Kala chana|काला चना|desi chana|kg|85
rajma|Rajma|राजमा|kidney beans|kg|150
lobia|Lobia|लोबिया|chawli,black eyed beans|kg|115
matar-dry|Dried peas|सूखी मटर|safed matar,vatana|kg|75
moth|Moth beans|मोठ|matki|kg|120
kulthi|Horse gram|कुल्थी|kulith,huruli|kg|90
soyabean|Soya beans|सोयाबीन|soya|kg|85
chana-roasted|Roasted chana|भुना चना|phutana,chana bhuna|kg|130
sattu|Sattu|सत्तू|chana sattu|kg|120
mixed-dal|Mixed dal|मिक्स दाल|panchmel dal|kg|130
#spices
turmeric-100|Turmeric 100 g|हल्दी 100 ग्राम|haldi|piece|32
turmeric-200|Turmeric 200 g|हल्दी 200 ग्राम|haldi|piece|60
chilli-100|Red chilli powder 100 g|लाल मिर्च 100 ग्राम|lal mirch|piece|45
chilli-200|Red chilli powder 200 g|लाल मिर्च 200 ग्राम|lal mirch|piece|85
chilli-whole|Dry red chilli|साबुत लाल मिर्च|sabut mirch|kg|260
coriander-100|Coriander powder 100 g|धनिया 100 ग्राम|dhaniya|piece|28
coriander-200|Coriander powder 200 g|धनिया 200 ग्राम|dhaniya|piece|52
coriander-seed|Coriander seed|साबुत धनिया|sabut dhaniya|kg|140
jeera-100|Cumin 100 g|जीरा 100 ग्राम|jeera,zeera|piece|50
jeera|Cumin, loose|जीरा, खुला|jeera|kg|380
mustard-seed|Mustard seed|राई|sarson,rai|kg|110
ajwain-100|Ajwain 100 g|अजवाइन 100 ग्राम|carom|piece|40
saunf-100|Fennel 100 g|सौंफ 100 ग्राम|saunf|piece|40
methi-100|Fenugreek seed 100 g|मेथी दाना 100 ग्राम|methi|piece|20
kalonji-50|Kalonji 50 g|कलौंजी 50 ग्राम|nigella|piece|25
hing-50|Asafoetida 50 g|हींग 50 ग्राम|hing|piece|75
pepper-50|Black pepper 50 g|काली मिर्च 50 ग्राम|kali mirch|piece|65
clove-25|Cloves 25 g|लौंग 25 ग्राम|laung|piece|45
elaichi-25|Green cardamom 25 g|छोटी इलायची 25 ग्राम|elaichi|piece|90
elaichi-big|Black cardamom 25 g|बड़ी इलायची 25 ग्राम|badi elaichi|piece|60
cinnamon-50|Cinnamon 50 g|दालचीनी 50 ग्राम|dalchini|piece|40
bayleaf|Bay leaf 25 g|तेज पत्ता 25 ग्राम|tej patta|piece|15
garam-masala|Garam masala 100 g|गरम मसाला 100 ग्राम|garam masala|piece|80
kitchen-masala|Kitchen king masala 100 g|किचन किंग मसाला 100 ग्राम|kitchen king|piece|82
chole-masala|Chole masala 100 g|छोले मसाला 100 ग्राम|chana masala|piece|75
sambar-masala|Sambar powder 100 g|सांभर मसाला 100 ग्राम|sambhar|piece|70
meat-masala|Meat masala 100 g|मीट मसाला 100 ग्राम|meat masala|piece|82
chaat-masala|Chaat masala 100 g|चाट मसाला 100 ग्राम|chat masala|piece|70
pavbhaji-masala|Pav bhaji masala 100 g|पाव भाजी मसाला 100 ग्राम|pav bhaji|piece|75
amchur-100|Amchur 100 g|अमचूर 100 ग्राम|amchoor|piece|45
kasuri-methi|Kasuri methi 25 g|कसूरी मेथी 25 ग्राम|kasoori methi|piece|30
tamarind-200|Tamarind 200 g|इमली 200 ग्राम|imli|piece|40
poppy-50|Poppy seed 50 g|खसखस 50 ग्राम|khaskhas|piece|95
til|Sesame|तिल|til,gingelly|kg|220
dry-ginger-50|Dry ginger 50 g|सोंठ 50 ग्राम|sonth|piece|40
baking-soda|Baking soda 100 g|मीठा सोडा 100 ग्राम|meetha soda|piece|12
vinegar|Vinegar 500 ml|सिरका 500 मिली|sirka|piece|45
#oil
mustard-oil-1l|Mustard oil 1 l|सरसों तेल 1 ली|sarson tel|piece|165
mustard-oil-500|Mustard oil 500 ml|सरसों तेल 500 मिली|sarson tel|piece|85
soya-oil-1l|Soya oil 1 l|सोया तेल 1 ली|soyabean oil,refined|piece|140
sunflower-oil-1l|Sunflower oil 1 l|सूरजमुखी तेल 1 ली|refined,surajmukhi|piece|150
groundnut-oil-1l|Groundnut oil 1 l|मूंगफली तेल 1 ली|singtel|piece|190
palm-oil-1l|Palm oil 1 l|पाम तेल 1 ली|palmolein|piece|118
coconut-oil-500|Coconut oil 500 ml|नारियल तेल 500 मिली|nariyal tel|piece|150
oil-loose|Cooking oil, loose|तेल, खुला|khula tel|l|135
vanaspati-1kg|Vanaspati 1 l|वनस्पति 1 ली|dalda|piece|130
ghee-500|Ghee 500 ml|घी 500 मिली|desi ghee|piece|310
ghee-1l|Ghee 1 l|घी 1 ली|desi ghee|piece|610
ghee-200|Ghee 200 ml|घी 200 मिली|desi ghee|piece|135
#dairy
milk-500|Milk 500 ml|दूध 500 मिली|doodh,dudh|piece|28
milk-1l|Milk 1 l|दूध 1 ली|doodh|piece|56
milk-full-500|Full cream milk 500 ml|फुल क्रीम दूध 500 मिली|full cream|piece|34
curd-400|Curd 400 g|दही 400 ग्राम|dahi|piece|35
curd-200|Curd 200 g|दही 200 ग्राम|dahi|piece|20
buttermilk|Buttermilk 500 ml|छाछ 500 मिली|chaas,mattha|piece|15
lassi|Lassi 200 ml|लस्सी 200 मिली|lassi|piece|20
paneer-200|Paneer 200 g|पनीर 200 ग्राम|paneer|piece|90
butter-100|Butter 100 g|मक्खन 100 ग्राम|makhan|piece|60
butter-500|Butter 500 g|मक्खन 500 ग्राम|makhan|piece|285
cheese-slices|Cheese slices 200 g|चीज़ स्लाइस 200 ग्राम|cheese|piece|140
cream-200|Cream 200 ml|क्रीम 200 मिली|malai|piece|68
milk-powder|Milk powder 200 g|दूध पाउडर 200 ग्राम|milk powder|piece|110
condensed-milk|Condensed milk 380 g|कंडेंस्ड मिल्क 380 ग्राम|milkmaid|piece|145
khoya|Khoya|खोया|mawa|kg|380
ice-cream-cup|Ice cream cup|आइसक्रीम कप|icecream|piece|20
egg|Egg|अंडा|anda,eggs|piece|7
egg-tray|Eggs, tray of 30|अंडे 30 की ट्रे|anda tray|piece|195
bread-400|Bread 400 g|ब्रेड 400 ग्राम|double roti|piece|45
bread-brown|Brown bread|ब्राउन ब्रेड|brown bread|piece|50
pav|Pav, packet of 6|पाव 6 का पैकेट|pav,bun|piece|30
bun|Bun|बन|bun|piece|10
rusk|Rusk 200 g|रस्क 200 ग्राम|toast|piece|40
#snacks
biscuit-glucose-5|Glucose biscuits ₹5|ग्लूकोज़ बिस्कुट ₹5|parle,glucose|piece|5
biscuit-glucose-10|Glucose biscuits ₹10|ग्लूकोज़ बिस्कुट ₹10|parle,glucose|piece|10
biscuit-marie|Marie biscuits|मैरी बिस्कुट|marie|piece|30
biscuit-cream|Cream biscuits|क्रीम बिस्कुट|cream biscuit|piece|10
biscuit-cookies|Cookies 75 g|कुकीज़ 75 ग्राम|good day|piece|20
biscuit-salty|Salted biscuits|नमकीन बिस्कुट|monaco,salty|piece|10
biscuit-digestive|Digestive biscuits|डाइजेस्टिव बिस्कुट|digestive|piece|30
biscuit-bourbon|Bourbon biscuits|बॉरबन बिस्कुट|bourbon|piece|30
noodles-70|Instant noodles 70 g|नूडल्स 70 ग्राम|maggi,noodles|piece|14
noodles-4|Instant noodles, pack of 4|नूडल्स 4 का पैक|maggi|piece|56
pasta|Pasta 400 g|पास्ता 400 ग्राम|macaroni|piece|60
chips-10|Potato chips ₹10|आलू चिप्स ₹10|lays,chips|piece|10
chips-20|Potato chips ₹20|आलू चिप्स ₹20|lays,chips|piece|20
kurkure-10|Corn puffs ₹10|कुरकुरे ₹10|kurkure|piece|10
bhujia-200|Bhujia 200 g|भुजिया 200 ग्राम|sev|piece|55
mixture-200|Mixture 200 g|मिक्सचर 200 ग्राम|namkeen|piece|50
moong-namkeen|Moong dal namkeen 200 g|मूंग दाल नमकीन 200 ग्राम|moong namkeen|piece|55
peanut-namkeen|Masala peanuts 200 g|मसाला मूंगफली 200 ग्राम|masala peanuts|piece|55
namkeen-5|Namkeen ₹5|नमकीन ₹5|namkeen|piece|5
popcorn|Popcorn 60 g|पॉपकॉर्न 60 ग्राम|popcorn|piece|15
makhana-100|Fox nuts 100 g|मखाना 100 ग्राम|makhana|piece|120
chikki|Peanut chikki|मूंगफली चिक्की|gajak|piece|10
cake-slice|Sponge cake|स्पंज केक|cake|piece|20
khakhra|Khakhra 200 g|खाखरा 200 ग्राम|khakra|piece|60
chocolate-5|Chocolate ₹5|चॉकलेट ₹5|chocolate|piece|5
chocolate-10|Chocolate ₹10|चॉकलेट ₹10|dairy milk|piece|10
chocolate-20|Chocolate ₹20|चॉकलेट ₹20|dairy milk|piece|20
toffee|Toffee|टॉफ़ी|candy|piece|1
chewing-gum|Chewing gum|च्यूइंग गम|gum|piece|1
mint|Mints|मिंट|mint|piece|1
ketchup-500|Tomato ketchup 500 g|टोमैटो केचप 500 ग्राम|sauce|piece|110
sauce-soy|Soy sauce 200 ml|सोया सॉस 200 मिली|soy sauce|piece|50
sauce-chilli|Chilli sauce 200 ml|चिली सॉस 200 मिली|chilli sauce|piece|50
jam-200|Mixed fruit jam 200 g|जैम 200 ग्राम|jam|piece|75
honey-250|Honey 250 g|शहद 250 ग्राम|madhu|piece|130
pickle-mango|Mango pickle 400 g|आम का अचार 400 ग्राम|achar|piece|95
pickle-lemon|Lemon pickle 400 g|नींबू अचार 400 ग्राम|achar|piece|95
pickle-mixed|Mixed pickle 400 g|मिक्स अचार 400 ग्राम|achar|piece|95
idli-mix|Idli mix 200 g|इडली मिक्स 200 ग्राम|idly mix|piece|60
gulabjamun-mix|Gulab jamun mix 200 g|गुलाब जामुन मिक्स 200 ग्राम|gulab jamun|piece|75
soup|Soup packet|सूप पैकेट|soup|piece|15
custard|Custard powder 100 g|कस्टर्ड पाउडर 100 ग्राम|custard|piece|40
#drinks
tea-250|Tea 250 g|चाय 250 ग्राम|chai patti|piece|140
tea-500|Tea 500 g|चाय 500 ग्राम|chai patti|piece|270
tea-100|Tea 100 g|चाय 100 ग्राम|chai patti|piece|55
tea-10|Tea ₹10 packet|चाय ₹10 पैकेट|chai patti|piece|10
tea-loose|Tea, loose|चाय, खुली|khuli chai|kg|340
tea-green|Green tea 25 bags|ग्रीन टी 25 बैग|green tea|piece|160
coffee-50|Coffee 50 g|कॉफ़ी 50 ग्राम|coffee|piece|150
coffee-2|Coffee sachet ₹2|कॉफ़ी सैशे ₹2|coffee|piece|2
coffee-filter|Filter coffee 200 g|फ़िल्टर कॉफ़ी 200 ग्राम|filter coffee|piece|120
malt-500|Malt drink 500 g|माल्ट ड्रिंक 500 ग्राम|horlicks,bournvita|piece|250
malt-sachet|Malt drink sachet|माल्ट सैशे|boost,bournvita|piece|5
cola-250|Cola 250 ml|कोला 250 मिली|thanda,cold drink|piece|20
cola-750|Cola 750 ml|कोला 750 मिली|thanda|piece|40
cola-2l|Cola 2 l|कोला 2 ली|thanda|piece|100
lemon-drink-250|Lemon drink 250 ml|नींबू ड्रिंक 250 मिली|sprite,limca|piece|20
orange-drink-250|Orange drink 250 ml|ऑरेंज ड्रिंक 250 मिली|fanta|piece|20
mango-drink-160|Mango drink 160 ml|मैंगो ड्रिंक 160 मिली|frooti|piece|10
mango-drink-600|Mango drink 600 ml|मैंगो ड्रिंक 600 मिली|maaza|piece|40
soda-600|Soda 600 ml|सोडा 600 मिली|soda|piece|20
energy-drink|Energy drink 250 ml|एनर्जी ड्रिंक 250 मिली|sting|piece|20
water-1l|Drinking water 1 l|पानी 1 ली|bisleri,mineral water|piece|20
water-500|Drinking water 500 ml|पानी 500 मिली|mineral water|piece|10
juice-1l|Fruit juice 1 l|फलों का रस 1 ली|juice|piece|120
sharbat|Rose sharbat 750 ml|रूह शरबत 750 मिली|roohafza,sharbat|piece|165
drink-powder|Orange drink powder|ऑरेंज पाउडर|tang,rasna|piece|10
glucose-powder|Glucose powder 200 g|ग्लूकोज़ पाउडर 200 ग्राम|glucon d|piece|70
coconut-water|Coconut water 200 ml|नारियल पानी 200 मिली|nariyal pani|piece|40
#care
soap-bath-10|Bath soap ₹10|नहाने का साबुन ₹10|sabun|piece|10
soap-bath|Bath soap 100 g|नहाने का साबुन 100 ग्राम|sabun,lifebuoy,lux|piece|38
soap-bath-4|Bath soap, pack of 4|नहाने का साबुन 4 का पैक|sabun|piece|140
soap-neem|Neem soap|नीम साबुन|neem sabun|piece|40
soap-baby|Baby soap|बेबी साबुन|baby soap|piece|60
handwash|Hand wash 200 ml|हैंड वॉश 200 मिली|handwash|piece|95
shampoo-sachet|Shampoo sachet|शैम्पू सैशे|shampoo|piece|2
shampoo-180|Shampoo 180 ml|शैम्पू 180 मिली|shampoo|piece|130
conditioner|Conditioner sachet|कंडीशनर सैशे|conditioner|piece|3
hair-oil-100|Coconut hair oil 100 ml|नारियल बाल तेल 100 मिली|parachute|piece|45
hair-oil-200|Almond hair oil 200 ml|बादाम बाल तेल 200 मिली|almond oil|piece|120
hair-dye|Hair dye|बालों का रंग|mehndi,dye|piece|40
henna|Henna 100 g|मेहंदी 100 ग्राम|mehndi|piece|45
toothpaste-100|Toothpaste 100 g|टूथपेस्ट 100 ग्राम|colgate,paste|piece|60
toothpaste-20|Toothpaste ₹20|टूथपेस्ट ₹20|paste|piece|20
toothpowder|Tooth powder 100 g|दंत मंजन 100 ग्राम|manjan|piece|45
toothbrush|Toothbrush|टूथब्रश|brush|piece|20
tongue-cleaner|Tongue cleaner|जीभ साफ़ करने वाला|jibhi|piece|15
face-cream|Face cream 25 g|चेहरे की क्रीम 25 ग्राम|fair lovely|piece|60
face-wash|Face wash 50 g|फ़ेस वॉश 50 ग्राम|facewash|piece|90
cold-cream|Cold cream 30 ml|कोल्ड क्रीम 30 मिली|ponds|piece|55
talc|Talcum powder 100 g|टैल्कम पाउडर 100 ग्राम|powder|piece|75
deo|Deodorant 150 ml|डिओडोरेंट 150 मिली|deo,body spray|piece|199
vaseline|Petroleum jelly 40 g|वैसलीन 40 ग्राम|vaseline|piece|45
razor|Razor|रेज़र|gillette|piece|20
blade|Blades, packet|ब्लेड पैकेट|blade|piece|10
shaving-cream|Shaving cream 70 g|शेविंग क्रीम 70 ग्राम|shaving|piece|75
sanitary-pads|Sanitary pads, pack of 7|सैनिटरी पैड 7 का पैक|pads,stayfree,whisper|piece|40
diaper-s|Diaper, one|डायपर एक|pampers|piece|12
cotton|Cotton roll|रुई|cotton|piece|30
balm|Pain balm 8 ml|दर्द बाम 8 मिली|balm,zandu|piece|40
antiseptic|Antiseptic liquid 125 ml|एंटीसेप्टिक 125 मिली|dettol|piece|75
bandage|Adhesive bandage|पट्टी|band aid|piece|2
comb|Comb|कंघी|kanghi|piece|15
safety-pins|Safety pins|सेफ़्टी पिन|pin|piece|10
kajal|Kajal|काजल|kajal|piece|30
bindi|Bindi packet|बिंदी पैकेट|bindi|piece|10
#cleaning
detergent-1kg|Detergent powder 1 kg|डिटर्जेंट पाउडर 1 किलो|surf,ghadi,nirma|piece|75
detergent-500|Detergent powder 500 g|डिटर्जेंट पाउडर 500 ग्राम|surf|piece|60
detergent-10|Detergent powder ₹10|डिटर्जेंट पाउडर ₹10|surf|piece|10
detergent-bar|Detergent bar 250 g|कपड़े का साबुन 250 ग्राम|rin,kapde ka sabun|piece|22
detergent-liquid|Liquid detergent 500 ml|लिक्विड डिटर्जेंट 500 मिली|liquid|piece|115
dish-bar|Dishwash bar|बर्तन का साबुन|vim bar|piece|20
dish-liquid|Dishwash liquid 250 ml|बर्तन धोने का लिक्विड 250 मिली|vim gel|piece|60
dish-scrub|Scrub pad|स्क्रब पैड|jhaba,scotch brite|piece|15
steel-wool|Steel scrubber|स्टील जूना|juna|piece|15
floor-cleaner|Floor cleaner 500 ml|फ़र्श क्लीनर 500 मिली|lizol,phenyl|piece|105
phenyl|Phenyl 500 ml|फ़िनाइल 500 मिली|phenyl|piece|50
toilet-cleaner|Toilet cleaner 500 ml|टॉयलेट क्लीनर 500 मिली|harpic|piece|95
bleach|Bleaching powder 500 g|ब्लीचिंग पाउडर 500 ग्राम|bleaching|piece|35
fabric-blue|Fabric blue|नील|neel,ujala|piece|15
fabric-softener|Fabric conditioner 200 ml|फ़ैब्रिक कंडीशनर 200 मिली|comfort|piece|60
broom|Broom|झाड़ू|jhadu,phool jhadu|piece|90
mop|Mop|पोछा|pocha|piece|120
dustpan|Dustpan|कूड़ेदानी|dustpan|piece|40
garbage-bags|Garbage bags, roll|कूड़े की थैली रोल|dustbin bag|piece|70
mosquito-coil|Mosquito coil, packet|मच्छर अगरबत्ती|kachua,coil|piece|35
mosquito-liquid|Mosquito liquid refill|मच्छर लिक्विड रिफ़िल|all out,good knight|piece|85
insect-spray|Insect spray 200 ml|कीड़े का स्प्रे 200 मिली|hit,spray|piece|120
rat-cake|Rat poison|चूहे की दवा|rat kill|piece|20
naphthalene|Naphthalene balls|नेफ़थलीन गोली|phenyl goli|piece|30
air-freshener|Air freshener|रूम फ़्रेशनर|odonil|piece|50
tissue|Tissue paper|टिशू पेपर|napkin|piece|50
#home
matches|Match box|माचिस|machis|piece|2
matches-10|Match boxes, packet of 10|माचिस 10 का पैकेट|machis|piece|18
candle|Candle|मोमबत्ती|mombatti|piece|5
agarbatti-10|Incense sticks ₹10|अगरबत्ती ₹10|agarbatti|piece|10
agarbatti|Incense sticks, packet|अगरबत्ती पैकेट|agarbatti|piece|50
dhoop|Dhoop sticks|धूप|dhoop|piece|30
camphor|Camphor 25 g|कपूर 25 ग्राम|kapoor|piece|40
cotton-wicks|Cotton wicks|रुई की बत्ती|batti|piece|10
kumkum|Kumkum|कुमकुम|roli,sindoor|piece|15
pooja-oil|Lamp oil 500 ml|दीये का तेल 500 मिली|pooja tel|piece|75
coconut|Coconut|नारियल|nariyal|piece|35
battery-aa|AA battery|पेंसिल सेल|cell,battery|piece|15
battery-aaa|AAA battery|छोटा सेल|cell|piece|15
bulb-led|LED bulb 9 W|एलईडी बल्ब 9 वाट|bulb|piece|90
foil|Aluminium foil|एल्युमिनियम फ़ॉइल|foil|piece|80
lunch-plates|Paper plates, packet of 25|पेपर प्लेट 25 का पैकेट|plate,pattal|piece|50
paper-cups|Paper cups, packet of 50|पेपर कप 50 का पैकेट|cup|piece|40
carry-bags|Cloth bag|कपड़े का थैला|thaila|piece|15
rope|Rope|रस्सी|rassi|piece|30
thread|Sewing thread|धागा|dhaga|piece|10
needle|Needle|सुई|sui|piece|5
glue|Instant glue|फ़ेविक्विक|glue,feviquick|piece|5
tape|Tape|टेप|tape|piece|20
notebook|Notebook|कॉपी|copy|piece|30
pen|Pen|पेन|pen|piece|10
pencil|Pencil|पेंसिल|pencil|piece|5
eraser|Eraser|रबर|rubber|piece|3
sharpener|Sharpener|शार्पनर|sharpner|piece|5
envelope|Envelope|लिफ़ाफ़ा|lifafa|piece|2
lighter|Gas lighter|गैस लाइटर|lighter|piece|90
#produce
potato|Potato|आलू|aloo,batata|kg|28
onion|Onion|प्याज|pyaz,kanda|kg|36
tomato|Tomato|टमाटर|tamatar|kg|40
garlic|Garlic|लहसुन|lahsun|kg|200
ginger|Ginger|अदरक|adrak|kg|120
green-chilli|Green chilli|हरी मिर्च|hari mirch|kg|80
coriander-leaf|Coriander leaves, bunch|हरा धनिया|hara dhaniya|piece|10
lemon|Lemon|नींबू|nimbu|piece|5
cabbage|Cabbage|पत्ता गोभी|patta gobhi|kg|30
cauliflower|Cauliflower|फूल गोभी|phool gobhi|piece|35
brinjal|Brinjal|बैंगन|baingan|kg|40
okra|Okra|भिंडी|bhindi|kg|50
carrot|Carrot|गाजर|gajar|kg|45
peas-green|Green peas|हरी मटर|matar|kg|70
spinach|Spinach, bunch|पालक|palak|piece|15
bottle-gourd|Bottle gourd|लौकी|lauki,dudhi|kg|35
banana|Banana, dozen|केला दर्जन|kela|piece|60
apple|Apple|सेब|seb|kg|160
orange|Orange|संतरा|santra|kg|80
#sweets
almonds|Almonds|बादाम|badam|kg|780
cashew|Cashew|काजू|kaju|kg|880
raisins|Raisins|किशमिश|kishmish|kg|320
dates|Dates 500 g|खजूर 500 ग्राम|khajur|piece|120
walnut|Walnut kernels|अखरोट गिरी|akhrot|kg|1100
pistachio|Pistachio|पिस्ता|pista|kg|1200
coconut-dry|Dry coconut|सूखा नारियल|copra,gola|kg|220
coconut-powder|Coconut powder 100 g|नारियल बुरादा 100 ग्राम|burada|piece|40
rasgulla|Rasgulla tin 1 kg|रसगुल्ला 1 किलो|rasgulla|piece|220
gulabjamun|Gulab jamun tin 1 kg|गुलाब जामुन 1 किलो|gulab jamun|piece|240
soan-papdi|Soan papdi 250 g|सोन पापड़ी 250 ग्राम|son papdi|piece|80
petha|Petha|पेठा|petha|kg|140
`;

export function starterGoods(): StarterGood[] {
  let category = "";
  const goods: StarterGood[] = [];
  for (const line of GOODS.trim().split("\n")) {
    if (line.startsWith("#")) {
      category = line.slice(1);
      continue;
    }
    const [id, name, hindi, aliases, unit, rupees] = line.split("|") as [string, string, string, string, Unit, string];
    const spoken = aliases.split(",");
    goods.push({ id, name, names: { hi: hindi }, aliases: [hindi, ...spoken], category, unit, price_paise: Number(rupees) * 100 });
  }
  return goods;
}
