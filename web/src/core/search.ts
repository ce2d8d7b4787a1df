/** Search by any name in any script: चीनी, cheeni and chini find each other. Linear in the text. */

const DEVANAGARI: Record<string, string> = {
  अ: "a", आ: "a", इ: "i", ई: "i", उ: "u", ऊ: "u", ऋ: "ri", ए: "e", ऐ: "e", ओ: "o", औ: "o", ऑ: "o",
  क: "k", ख: "k", ग: "g", घ: "g", ङ: "n", च: "c", छ: "c", ज: "j", झ: "j", ञ: "n", ट: "t", ठ: "t", ड: "d", ढ: "d",
  ण: "n", त: "t", थ: "t", द: "d", ध: "d", न: "n", प: "p", फ: "f", ब: "b", भ: "b", म: "m", य: "y", र: "r", ल: "l",
  ळ: "l", व: "v", श: "s", ष: "s", स: "s", ह: "h", "ा": "a", "ि": "i", "ी": "i", "ु": "u", "ू": "u", "ृ": "ri",
  "े": "e", "ै": "e", "ो": "o", "ौ": "o", "ॉ": "o", "ं": "n", "ँ": "n", "ः": "",
};
const OTHER_BLOCKS = [0x980, 0xa80, 0xb80, 0xc00, 0xc80];

/** Bring other Indian scripts onto Devanagari: Unicode lays their blocks out alike. */
function devanagari(letter: string): string {
  const code = letter.codePointAt(0)!;
  for (const start of OTHER_BLOCKS) if (code >= start && code < start + 0x80) return String.fromCodePoint(code - start + 0x900);
  return letter;
}

/** The sound of a text as plain Latin letters: spellings that people mix become one. */
export function fold(text: string): string {
  let latin = "";
  for (const letter of text.normalize("NFD").toLowerCase()) {
    const indian = devanagari(letter);
    const known = DEVANAGARI[indian];
    if (known !== undefined) latin += known;
    else if (/[a-z0-9]/.test(letter)) latin += letter;
    else if (/[\u0966-\u096f]/.test(indian)) latin += String(indian.codePointAt(0)! - 0x966);
    else if (!/\p{M}/u.test(letter)) latin += " ";
  }
  return latin
    .replace(/aa/g, "a").replace(/ee|ii/g, "i").replace(/oo|uu/g, "u").replace(/w/g, "v").replace(/ph/g, "f").replace(/z/g, "j")
    .replace(/chh?/g, "c").replace(/sh/g, "s").replace(/([kgjtdb])h/g, "$1").replace(/([a-z])\1/g, "$1")
    .replace(/\s+/g, " ").trim();
}

/** Consonants alone: Devanagari does not write the short a that Latin spellings write. */
export function bones(folded: string): string {
  return folded.replace(/[aeiouy]/g, "");
}

export interface Searchable {
  readonly folded: string;
  readonly bare: string;
}

export function searchable(...names: Array<string | null | undefined>): Searchable {
  const folded = names.filter(Boolean).map((name) => fold(name!)).join(" | ");
  return { folded, bare: bones(folded) };
}

/** Higher is better, 0 is no match. Each word asked for must be found. */
export function match(wanted: string, thing: Searchable): number {
  const asked = fold(wanted);
  if (!asked) return 1;
  let score = 0;
  for (const part of asked.split(" ")) {
    const at = thing.folded.indexOf(part);
    const thin = bones(part);
    if (at === 0 || (at > 0 && thing.folded[at - 1] === " ")) score += 4;
    else if (at > 0) score += 2;
    else if (thin.length >= 2 && (` ${thing.bare}`).includes(` ${thin}`)) score += 1;
    else return 0;
  }
  return score;
}
