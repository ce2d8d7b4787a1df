"""One table of sheets for every importer: as shops and programs write them, and what a person reads in them.

Each sheet stands for a program or a habit; the rows were made up by hand. A line is (day, item, quantity in base
units, rupees of the line or None); what is no line is counted as bad.
"""

# ruff: noqa: E501 (sheets stand as they are)

from typing import NamedTuple


class Case(NamedTuple):
    """A sheet and its right reading."""

    text: str
    lines: tuple[tuple[str, str, str, str | None], ...]
    bad: int = 0


D = "2026-03-05"
CASES: dict[str, Case] = {
    "decimal comma and semicolons": Case("date;item;qty;rate\n2026-03-05;Eggs;3;7,50\n", ((D, "Eggs", "3", "22.50"),)),
    "a quantity of 1,5": Case("date;item;qty;rate\n2026-03-05;Sugar;1,5;45\n", ((D, "Sugar", "1.5", "67.5"),)),
    "1.234,50 and 12,00": Case(
        "date;item;qty;amount\n5.3.2026;Rice;2;1.234,50\n5.3.2026;Tea;1;12,00\n5.3.2026;Oil;3;1.234\n",
        ((D, "Rice", "2", "1234.50"), (D, "Tea", "1", "12.00"), (D, "Oil", "3", "1234")),
    ),
    "lakh commas": Case(
        'date,item,qty,amount\n5/3/26,Rice,25,"1,20,000"\n5/3/26,Tea,"1,200","2,400.50"\n31/3/26,Tea,1,2\n',
        ((D, "Rice", "25", "120000"), (D, "Tea", "1200", "2400.50"), ("2026-03-31", "Tea", "1", "2")),
    ),
    "1,234 settled by the arithmetic": Case(
        'date;item;qty;rate;amount\n5.3.2026;Dal;"1,250";40;50\n', ((D, "Dal", "1.250", "50"),)
    ),
    "a column of units in grams": Case(
        "date,item,qty,unit,rate\n2026-03-05,Sugar,500,g,45\n", ((D, "Sugar", "0.5", "22.5"),)
    ),
    "units as GST writes them": Case(
        "date,item,qty,UOM,rate\n2026-03-05,Sugar,2,KGS-KILOGRAMS,45\n2026-03-05,Soap,3,NOS-NUMBERS,30\n",
        ((D, "Sugar", "2", "90"), (D, "Soap", "3", "90")),
    ),
    "printed price beside the amount paid": Case(
        "date,item,qty,MRP,amount\n2026-03-05,Oil,2,165,296\n", ((D, "Oil", "2", "296"),)
    ),
    "rate and a discounted amount": Case(
        "date,item,qty,rate,amount\n2026-03-05,Eggs,10,7,60\n", ((D, "Eggs", "10", "60"),)
    ),
    "an amount before the discount": Case(
        "date,item,qty,rate,amount,Discount (Rs.)\n2026-03-05,Eggs,10,7,70,5\n2026-03-05,Soap,4,30,120,12\n",
        ((D, "Eggs", "10", "65"), (D, "Soap", "4", "108")),
    ),
    "an amount before a discount that says nothing": Case(
        "date,item,qty,rate,amount,discount\n2026-03-05,Eggs,10,7,70,5\n2026-03-05,Soap,4,30,120,12\n", (), 2
    ),
    "a discount in percent": Case(
        "date,item,qty,rate,Disc %\n2026-03-05,Eggs,10,7,10\n2026-03-05,Soap,1,30,\n",
        ((D, "Eggs", "10", "63"), (D, "Soap", "1", "30")),
    ),
    "a discount that says nothing is refused": Case(
        "date,item,qty,rate,Discount\n2026-03-05,Eggs,10,7,10\n2026-03-05,Soap,1,30,0\n", ((D, "Soap", "1", "30"),), 1
    ),
    "a discount that its amounts explain": Case(
        "date,item,qty,rate,disc,amount\n2026-03-05,Eggs,10,7,10,63\n2026-03-05,Soap,10,30,5,285\n",
        ((D, "Eggs", "10", "63"), (D, "Soap", "10", "285")),
    ),
    "a total of the bill is not that of a line": Case(
        "Bill No,Date,Item,Qty,Rate,Total\n1,2026-03-05,Eggs,12,7,400\n1,2026-03-05,Oil,2,158,400\n"
        "2,2026-03-05,Soap,1,30,95\n2,2026-03-05,Tea,1,65,95\n",
        ((D, "Eggs", "12", "84"), (D, "Oil", "2", "316"), (D, "Soap", "1", "30"), (D, "Tea", "1", "65")),
    ),
    "the amount with tax": Case(
        "Date,Item,Qty,Rate,Taxable Value,CGST,SGST,Total\n2026-03-05,Soap,10,20,200,18,18,236\n",
        ((D, "Soap", "10", "236"),),
    ),
    "month first, as one line tells": Case(
        "date,item,qty,rate\n03/05/2026,Eggs,10,7\n03/20/2026,Eggs,10,7\n",
        ((D, "Eggs", "10", "70"), ("2026-03-20", "Eggs", "10", "70")),
    ),
    "day first, as one line tells": Case(
        "date,item,qty,rate\n05/03/2026,Eggs,10,7\n20/03/2026,Eggs,10,7\n",
        ((D, "Eggs", "10", "70"), ("2026-03-20", "Eggs", "10", "70")),
    ),
    "both orders in one sheet": Case(
        "date,item,qty,rate\n05/03/2026,Eggs,1,7\n20/03/2026,Eggs,2,7\n03/21/2026,Eggs,3,7\n",
        (("2026-03-20", "Eggs", "2", "14"), ("2026-03-21", "Eggs", "3", "21")), 1,
    ),
    "date and time": Case("date,item,qty,rate\n2026-03-05 18:30,Eggs,5,7\n", ((D, "Eggs", "5", "35"),)),
    "date and time with am and pm": Case(
        "date,item,qty,rate\n05-Mar-2026 06:30 PM,Eggs,5,7\n", ((D, "Eggs", "5", "35"),)
    ),
    "an instant of another zone": Case(
        "Created at,Lineitem name,Lineitem quantity,Lineitem price\n2026-03-04T20:00:00Z,Eggs,5,7\n",
        ((D, "Eggs", "5", "35"),),
    ),
    "serial days of a spreadsheet": Case("date,item,qty,rate\n46086,Eggs,5,7\n46086.75,Tea,1,9\n",
        ((D, "Eggs", "5", "35"), (D, "Tea", "1", "9"))),
    "Product Name": Case(
        "Bill No,Date,Product Name,Qty,Price,Total\n1,2026-03-05,Eggs,12,7,84\n", ((D, "Eggs", "12", "84"),)
    ),
    "Item Description": Case(
        "Date,Item Description,Qty,Rate\n2026-03-05,Eggs,12,7\n", ((D, "Eggs", "12", "84"),)
    ),
    "Sale Price": Case("Date,Item,Qty,Sale Price\n2026-03-05,Eggs,12,7\n", ((D, "Eggs", "12", "84"),)),
    "7.00/pcs": Case("date,item,qty,rate\n2026-03-05,Eggs,5,7.00/pcs\n", ((D, "Eggs", "5", "35"),)),
    "a rate per kg beside grams": Case(
        "date,item,qty,rate\n2026-03-05,Dal,250 gm,120/kg\n", ((D, "Dal", "0.250", "30"),)
    ),
    "a rate per dozen": Case("date,item,qty,rate\n2026-03-05,Eggs,6,84/dz\n", ((D, "Eggs", "6", "42"),)),
    "a dozen at a rate that other lines explain": Case(
        "date,item,qty,rate\n2026-03-05,Eggs,6,7\n2026-03-05,Eggs,2 dozen,84\n",
        ((D, "Eggs", "6", "42"), (D, "Eggs", "24", "168")),
    ),
    "a dozen at a rate of which nobody knows what it is for": Case(
        "date,item,qty,rate\n2026-03-05,Banana,2 dozen,60\n", (), 1
    ),
    "a dozen with its amount": Case(
        "date,item,qty,amount\n2026-03-05,Banana,2 darjan,120\n", ((D, "Banana", "24", "120"),)
    ),
    "goods in kg once in pieces": Case(
        "date,item,qty,amount\n2026-03-05,Sugar,2 kg,90\n2026-03-05,Sugar,1 kg,45\n2026-03-05,Sugar,3 pcs,60\n",
        ((D, "Sugar", "2", "90"), (D, "Sugar", "1", "45")), 1,
    ),
    "a unit nobody knows beside pieces": Case(
        "date,item,qty,amount\n2026-03-05,Soap,2 pcs,60\n2026-03-05,Soap,1 pcs,30\n2026-03-05,Soap,1 box,700\n",
        ((D, "Soap", "2", "60"), (D, "Soap", "1", "30")), 1,
    ),
    "Hindi": Case(
        'दिनांक,सामान,मात्रा,दर\n५/३/२०२६,तेल,२,"₹ १२०"\n२५/३/२०२६,चीनी,१.५ किलो,४५\n',
        ((D, "तेल", "2", "240"), ("2026-03-25", "चीनी", "1.5", "67.5")),
    ),
    "Hinglish": Case(
        "Tareekh,Saman,Matra,Daam\n05-03-26,Cheeni,2 kilo,45/-\n25-03-26,Chai,1 nag,Rs. 10\n",
        ((D, "Cheeni", "2", "90"), ("2026-03-25", "Chai", "1", "10")),
    ),
    "a byte order mark and a title": Case(
        "\ufeffMeena General Store,,,\nSales 1-3-2026 to 31-3-2026,,,\n\nDATE,PRODUCT,UNITS,PRICE\n2026-03-05,Tea,2,10\n",
        ((D, "Tea", "2", "20"),),
    ),
    "merged dates and sums": Case(
        "Date,Item,Qty,Amount\n05-03-2026,Tea,2,20\n,Soap,1,30\n,Total,,50\n20-03-2026,Tea,1,10\nGrand Total,,4,60\n",
        ((D, "Tea", "2", "20"), (D, "Soap", "1", "30"), ("2026-03-20", "Tea", "1", "10")), 2,
    ),
    "zero rows are facts": Case(
        "date,item,quantity\n2026-03-05,Tea,0\n2026-03-06,Tea,3\n",
        ((D, "Tea", "0", None), ("2026-03-06", "Tea", "3", None)),
    ),
    "Dr and Cr": Case(
        "Date,Item,Qty,Amount\n5/3/2026,Tea,5,50 Dr\n20/3/2026,Tea,2,20 Dr\n21/3/2026,Tea,1,10 Cr\n",
        ((D, "Tea", "5", "50"), ("2026-03-20", "Tea", "2", "20"), ("2026-03-21", "Tea", "-1", "10")),
    ),
    "Dr and Cr alike are asked about": Case(
        "Date,Item,Qty,Amount\n5/3/2026,Tea,5,50 Dr\n20/3/2026,Tea,2,20 Cr\n", (), 2
    ),
    "a sale on credit is a sale": Case(
        "Date,Item,Qty,Amount,Type\n5/3/2026,Tea,5,50,Cash\n20/3/2026,Tea,2,20,Credit\n",
        ((D, "Tea", "5", "50"), ("2026-03-20", "Tea", "2", "20")),
    ),
    "a barcode that was shortened": Case(
        "date,barcode,qty,rate\n2026-03-05,8.90103E+12,1,10\n2026-03-05,8901030865275,1,10\n",
        ((D, "8901030865275", "1", "10"),), 1,
    ),
    "item sales of a Tally register": Case(
        "Gupta Kirana,,,,,,\nSales Register,,,,,,\n1-Mar-26 to 31-Mar-26,,,,,,\n"
        "Date,Particulars,Voucher Type,Voucher No.,Quantity,Rate,Value\n"
        "5-Mar-26,Cash,Sales,1,,,365.00\n,Eggs,,,5 pcs,7.00/pcs,35.00\n,Oil,,,2 pcs,165.00/pcs,330.00\n"
        "6-Mar-26,Ramesh,Sales,2,,,45.00\n,Sugar,,,1.000 kg,45.00/kg,45.00\n,Grand Total,,,,,410.00\n",
        ((D, "Eggs", "5", "35.00"), (D, "Oil", "2", "330.00"), ("2026-03-06", "Sugar", "1.000", "45.00")), 3,
    ),
    "a sale report with percent, tax and amount": Case(
        "Date,Invoice No./Txn No.,Party Name,Item Name,Item Code,HSN/SAC,Quantity,Unit,UnitPrice,Discount Percent,"
        "Discount,Tax Percent,Tax,Transaction Type,Amount\n"
        "05/03/2026,11,Cash Sale,Soap,S1,3401,10,Pcs,20,5,10,18,34.2,Sale,224.2\n"
        "25/03/2026,12,Cash Sale,Soap,S1,3401,1,Pcs,20,0,0,18,3.6,Credit Note,23.6\n",
        ((D, "S1", "10", "224.2"), ("2026-03-25", "S1", "-1", "23.6")),
    ),
    "receipts by item of a POS": Case(
        "Date,Receipt number,Receipt type,Category,SKU,Item,Variant,Quantity,Gross sales,Discounts,Net sales,"
        "Cost of goods,Taxes,Customer name,Status\n"
        '"05/03/26 18:20",1-1001,Sale,Snacks,10001,Chips,Large,3,60.00,6.00,54.00,40.00,0.00,,Closed\n'
        '"25/03/26 18:20",1-1002,Refund,Snacks,10001,Chips,Large,1,20.00,2.00,18.00,13.00,0.00,,Closed\n',
        ((D, "10001", "3", "54.00"), ("2026-03-25", "10001", "-1", "18.00")),
    ),
    "orders of a web shop": Case(
        "Name,Email,Financial Status,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Subtotal,Total\n"
        "#1001,a@example.in,paid,2026-03-05 10:30:00 +0530,2,Pickle,120.00,P1,330.00,360.00\n"
        "#1001,a@example.in,,2026-03-05 10:30:00 +0530,1,Papad,90.00,P2,,\n"
        "#1002,b@example.in,paid,2026-03-05 11:30:00 +0530,3,Papad,90.00,P2,270.00,300.00\n",
        ((D, "P1", "2", "240.00"), (D, "P2", "1", "90.00"), (D, "P2", "3", "270.00")),
    ),
    "a distributor's program": Case(
        "BILL NO|DATE|PARTY|PRODUCT|PACKING|BATCH|EXP|QTY|FREE|MRP|RATE|AMOUNT\n"
        "A1|05-03-2026|CASH|SOAP 100G|1*10|B12|12/27|10|1|38.00|31.50|315.00\n"
        "A2|25-03-2026|CASH|TEA 250G|1*20|C7|06/27|2|0|110.00|98.00|196.00\n",
        ((D, "SOAP 100G", "10", "315.00"), ("2026-03-25", "TEA 250G", "2", "196.00")),
    ),
    "charges among goods": Case(
        "Date,Item,Qty,Rate\n2026-03-05,Sugar,2,46\n2026-03-05,Delivery charges,1,20\n2026-03-05,Round Off,1,0.40\n",
        ((D, "Sugar", "2", "92"),), 2,
    ),
    "a cancelled bill": Case(
        "Date,Item,Qty,Amount,Status\n2026-03-05,Tea,2,20,Paid\n2026-03-05,Tea,9,90,Cancelled\n",
        ((D, "Tea", "2", "20"),), 1,
    ),
    "an amount with a zero too many": Case(
        "Date,Item,Qty,Rate,Amount\n" + "2026-03-05,Tea,2,10,20\n" * 12 + "2026-03-05,Tea,2,10,200\n",
        ((D, "Tea", "2", "20"),) * 12, 1,
    ),
    "the printed price alone": Case("Date,Item,Qty,MRP\n2026-03-05,Tea,2,10\n", ((D, "Tea", "2", "20"),)),
    "more cells than headings": Case(
        "date,item,qty,amount\n2026-03-05,Rice,25,1,20,000\n2026-03-05,Tea,1,10\n", ((D, "Tea", "1", "10"),), 1
    ),
}  # fmt: skip
