import { keyIdOf } from '#local/services/kms/ciphertext';
import type { Call, Place } from '#local/types';

const UNDERSTOOD = new Set(['Encrypt', 'Decrypt', 'GenerateDataKey', 'DescribeKey']);

/**
 * What a KMS operation needs to be allowed. Nothing, when a ciphertext is none: KMS cannot tell its key then.
 *
 * @param input with the key's id or ARN, not an alias.
 * @throws Error for an operation that is not emulated.
 */
export function kmsCalls(operation: string, input: Record<string, unknown>, place: Place): Call[] {
  if (!UNDERSTOOD.has(operation)) throw new Error(`kms:${operation} is not emulated`);
  const key = operation === 'Decrypt' ? keyIdOf(String(input['CiphertextBlob'])) : input['KeyId'];
  if (key === undefined) return [];
  const encryptionContext = (input['EncryptionContext'] ?? {}) as Record<string, string>;
  const pairs = Object.entries(encryptionContext);
  return [
    {
      service: 'kms',
      action: `kms:${operation}`,
      resource: keyArn(String(key), place),
      context: {
        ...(pairs.length > 0 && { 'kms:EncryptionContextKeys': pairs.map(([name]) => name) }),
        ...Object.fromEntries(
          pairs.map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
        ),
      },
    },
  ];
}

function keyArn(id: string, { region, accountId }: Place): string {
  if (id.startsWith('arn:')) return id;
  const resource = id.startsWith('alias/') ? id : `key/${id}`;
  return `arn:aws:kms:${region}:${accountId}:${resource}`;
}
