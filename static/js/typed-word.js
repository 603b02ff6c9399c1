// Where the server finds a name: not within a word, an address or a number.
const BEGINS = {
  people: /(?<![\p{L}\p{N}.+@/-])@(?<query>[\p{L}\p{N}\p{M}_.-]{0,32})$/u,
  emoji: /(?<!\S):(?<query>[\p{L}\p{N}_+-]{2,32})$/u,
};
const GOES_ON = /^[\p{L}\p{N}\p{M}_]/u;
// The longest that begins so, and what stands before it.
const LOOK_BACK = 80;

/** What is being written: which kind of word, its letters, and where in the field it is. Null if it is any other. */
export function typedWord({ value, selectionStart: end, selectionEnd }) {
  const before = value.slice(0, end);
  if (end !== selectionEnd || GOES_ON.test(value.slice(end)) || endsInCode(before)) return null;
  for (const [kind, pattern] of Object.entries(BEGINS)) {
    const match = pattern.exec(before.slice(-LOOK_BACK));
    if (match) return { kind, query: match.groups.query, start: end - match[0].length, end };
  }
  return null;
}

function endsInCode(text) {
  const fences = text.match(/^ {0,3}```/gm)?.length ?? 0;
  const ticks = text.slice(text.lastIndexOf("\n") + 1).split("`").length - 1;
  return fences % 2 === 1 || ticks % 2 === 1;
}
