/** The id of a new session with this name: its letters and digits, told apart from the ids that are taken. */
export function newSessionId(name: string, taken: ReadonlySet<string>): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+|-+$/g, '')
    .slice(0, 40);
  const base = slug || 'session';
  let id = base;
  for (let number = 2; taken.has(id); number++) id = `${base}-${number}`;
  return id;
}

/** A name to offer for a new session: `main` for the first, then the agent's id with a number. */
export function suggestName(agent: string, taken: ReadonlySet<string>): string {
  return taken.size === 0 ? 'main' : newSessionId(agent, taken);
}
