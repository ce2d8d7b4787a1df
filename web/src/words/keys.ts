/** Names of all words, from the build: whether a word exists is asked where its name is made from data. */
declare const __WORDS__: string[];
export default new Set<string>(__WORDS__);
