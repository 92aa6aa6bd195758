import { randomBytes } from 'node:crypto';
import { type JsonInput, ServiceError } from '#local/services/json-server';
import { decrypt, type EncryptionContext, encrypt, keyIdOf } from '#local/services/kms/ciphertext';
import type { Key, KeyRing } from '#local/services/kms/keys';

type Output = Record<string, unknown>;
type Operation = (keys: KeyRing, input: JsonInput) => Output;

const MOST_BYTES = 4096;
const MOST_DATA_KEY_BYTES = 1024;
const DATA_KEY_BYTES: Record<string, number> = { AES_256: 32, AES_128: 16 };
/** Settings that change what is done; `SYMMETRIC_DEFAULT` is the only algorithm, so naming it changes nothing. */
const FOREIGN = ['Recipient', 'DryRun', 'GrantTokens'];

/** KMS's API for symmetric keys, by operation. `PutKey` is this machine's own, for keys that templates name. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  Encrypt(keys, input) {
    const key = keys.find(String(input['KeyId']));
    const plaintext = Buffer.from(String(input['Plaintext'] ?? ''), 'base64');
    if (plaintext.length < 1 || plaintext.length > MOST_BYTES) {
      throw invalid(`Plaintext must have between 1 and ${MOST_BYTES} bytes`);
    }
    return { CiphertextBlob: sealed(key, plaintext, input), ...nameOf(key) };
  },
  Decrypt(keys, input) {
    const blob = String(input['CiphertextBlob']);
    const key = keyOfCiphertext(keys, blob);
    if (input['KeyId'] !== undefined && keys.find(String(input['KeyId'])).id !== key.id) {
      throw new ServiceError(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    }
    const plaintext = decrypt(key.material, Buffer.from(blob, 'base64'), contextOf(input));
    if (!plaintext) throw invalidCiphertext();
    return { Plaintext: plaintext.toString('base64'), ...nameOf(key) };
  },
  GenerateDataKey(keys, input) {
    const key = keys.find(String(input['KeyId']));
    const plaintext = randomBytes(dataKeySize(input));
    return {
      Plaintext: plaintext.toString('base64'),
      CiphertextBlob: sealed(key, plaintext, input),
      KeyId: key.arn,
    };
  },
  DescribeKey(keys, input) {
    const key = keys.find(String(input['KeyId']));
    return {
      KeyMetadata: {
        AWSAccountId: key.arn.split(':')[4],
        KeyId: key.id,
        Arn: key.arn,
        CreationDate: key.createdAt / 1000,
        Description: key.description,
        Enabled: true,
        KeyState: 'Enabled',
        KeyUsage: 'ENCRYPT_DECRYPT',
        KeySpec: 'SYMMETRIC_DEFAULT',
        EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
        KeyManager: 'CUSTOMER',
        Origin: 'AWS_KMS',
        MultiRegion: false,
      },
    };
  },
  PutKey(keys, input) {
    keys.put(String(input['KeyId']), String(input['Description'] ?? ''));
    return {};
  },
  CreateAlias(keys, input) {
    keys.putAlias(String(input['AliasName']), String(input['TargetKeyId']));
    return {};
  },
};

function sealed(key: Key, plaintext: Buffer, input: JsonInput): string {
  return encrypt(key.id, key.material, plaintext, contextOf(input)).toString('base64');
}

/** @throws ServiceError when the request asks for what is not emulated. */
function contextOf(input: JsonInput): EncryptionContext {
  const foreign = FOREIGN.filter((field) => input[field] !== undefined);
  if (foreign.length > 0) throw invalid(`${foreign.join(', ')} is not available on one machine`);
  return (input['EncryptionContext'] ?? {}) as EncryptionContext;
}

function keyOfCiphertext(keys: KeyRing, blob: string): Key {
  const id = keyIdOf(blob);
  if (id === undefined) throw invalidCiphertext();
  return keys.find(id);
}

function dataKeySize({ KeySpec, NumberOfBytes }: JsonInput): number {
  if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
    throw invalid('Please specify either number of bytes or key spec.');
  }
  const size = KeySpec === undefined ? Number(NumberOfBytes) : DATA_KEY_BYTES[String(KeySpec)];
  if (size !== undefined && size >= 1 && size <= MOST_DATA_KEY_BYTES) return size;
  throw invalid('The data key cannot have that size');
}

function nameOf(key: Key): Output {
  return { KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
}

function invalidCiphertext(): ServiceError {
  // As on AWS it has no message: what did not fit is for nobody to know.
  return new ServiceError('InvalidCiphertextException', '');
}

function invalid(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}
