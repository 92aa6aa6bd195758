/** What the product's own automations keep. */
export const recordCollections = ['leads', 'content', 'checks', 'reports'] as const;
/** One of {@link recordCollections}. */
export type RecordCollection = (typeof recordCollections)[number];

/** Something that an automation has kept. */
export type KeptRecord = {
  readonly id: string;
  /** ISO 8601 */
  readonly at: string;
  readonly data: unknown;
};

/** Where it is kept. */
export type RecordStore = {
  /** Keeps something; the same id replaces what was kept under it. */
  put(collection: RecordCollection, id: string, data: unknown): Promise<void>;
  /** Newest first by id. */
  list(
    collection: RecordCollection,
    page: { readonly limit: number; readonly after: string | undefined },
  ): Promise<{ readonly items: readonly KeptRecord[]; readonly next: string | undefined }>;
};
