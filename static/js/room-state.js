// More is more than one wants to know.
const SHOWN_LIMIT = 999;

/**
 * Take what is said of a room into what is known of it. The room, and what concerns the reader, only go on; how far they
 * have read does too, until they mark it unread: then a later mark says it.
 */
export function learn(known, said) {
  for (const name of ["lastOrdinal", "lastMention"]) {
    if (name in said) known[name] = Math.max(known[name] ?? 0, said[name]);
  }
  if ("notify" in said) known.notify = said.notify;
  if ("lastRead" in said) {
    const mark = Number(said.mark ?? known.mark ?? 0);
    const later = !("lastRead" in known) || mark > known.mark;
    if (later) Object.assign(known, { mark, lastRead: Number(said.lastRead) });
    else if (mark === known.mark) known.lastRead = Math.max(known.lastRead, said.lastRead);
  }
}

/** What of it is new to its reader: how much of that counts, whether they are meant, and the words of a badge. */
export function newsOf({ lastOrdinal = 0, lastMention = 0, lastRead = Infinity, notify = "everything" }) {
  const mentioned = lastMention > lastRead && notify !== "nothing";
  const unread = Math.max(lastOrdinal, lastMention) - lastRead;
  const count = notify === "everything" ? Math.max(unread, 0) : Number(mentioned);
  const shown = notify === "everything" && count ? (count > SHOWN_LIMIT ? `${SHOWN_LIMIT}+` : `${count}`) : "";
  return { count, mentioned, label: `${mentioned ? "@" : ""}${shown}` };
}
