import { join } from 'node:path';
import { ServiceError, startJsonServer } from '#local/services/json-server';
import { openKeyRing } from '#local/services/kms/keys';
import { OPERATIONS } from '#local/services/kms/operations';
import type { PrivateServer } from '#local/services/private-server';
import type { Place } from '#local/types';

/**
 * Start a KMS for symmetric keys on a loopback port. Each key is a file with 256 random bits that only its owner may
 * read: who loses it has lost what was encrypted with it.
 *
 * @param options.dataDir directory in which the keys' directory `kms` is made.
 */
export function startKms(options: Place & { readonly dataDir: string }): Promise<PrivateServer> {
  const keys = openKeyRing(join(options.dataDir, 'kms'), options);
  return startJsonServer((operation, input) => {
    const run = OPERATIONS[operation];
    if (!run) throw new ServiceError('UnknownOperationException', `${operation} is unknown here.`);
    return run(keys, input);
  });
}
