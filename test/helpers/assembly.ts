import { join } from 'node:path';
import { synthesize } from '#local/assembly';

/** The repository. */
export const ROOT = join(import.meta.dirname, '../..');

/**
 * Set up once before the projects that run the product: synthesizes the app, so that the many starts
 * of a test run find it in the cache.
 */
export async function setup(): Promise<void> {
  await synthesize({ root: ROOT });
}
