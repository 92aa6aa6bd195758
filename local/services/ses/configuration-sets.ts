/** The configuration sets of an account, and which events each of them publishes. */
export type ConfigurationSets = {
  add(name: string): void;
  /** @param eventTypes such as `bounce` */
  publish(name: string, eventTypes: readonly string[]): void;
  has(name: string): boolean;
  /** @param eventType such as `Bounce` */
  publishes(name: string, eventType: string): boolean;
};

/** They live as long as the machine: every start makes those of its template anew. */
export function openConfigurationSets(): ConfigurationSets {
  const published = new Map<string, Set<string>>();
  return {
    add: (name) => void (published.has(name) || published.set(name, new Set())),
    publish(name, eventTypes) {
      for (const type of eventTypes) published.get(name)?.add(type.toLowerCase());
    },
    has: (name) => published.has(name),
    publishes: (name, eventType) => published.get(name)?.has(eventType.toLowerCase()) === true,
  };
}
