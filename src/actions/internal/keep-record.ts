import * as z from 'zod';
import { defineAction } from '#core/action';
import { recordCollections } from '#core/runs/records';

/** Keeps something in the product's own store. For the product's own automations only. */
export const keepRecord = defineAction({
  type: 'keep_record',
  title: 'Keep a record',
  description: "Keeps something in the product's own store.",
  config: z.strictObject({
    collection: z.enum(recordCollections).describe('What kind of thing it is.'),
    data: z.record(z.string(), z.json()).describe('What to keep.'),
  }),
  output: z.strictObject({ id: z.string() }),
  credits: 1,
  idempotency: 'A repeated attempt replaces what the first one kept.',
  async run({ config, records, idempotencyKey }) {
    // The key begins with the run's id, which sorts by time.
    const id = idempotencyKey;
    await records.put(config.collection, id, config.data);
    return { output: { id }, summary: `Kept among ${config.collection}` };
  },
});
