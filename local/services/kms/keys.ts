import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { ServiceError } from '#local/services/json-server';
import type { Place } from '#local/types';

/** A symmetric key. */
export type Key = {
  readonly id: string;
  readonly arn: string;
  readonly description: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** 32 bytes. */
  readonly material: Buffer;
};

/** The keys that the template declares, and their other names. */
export type KeyRing = {
  /** Adds a key; its material is made when it is new, and never again. */
  put(id: string, description: string): void;
  /** @param name such as `alias/x`. */
  putAlias(name: string, keyId: string): void;
  /** @param keyId id, ARN, alias or alias's ARN. @throws ServiceError `NotFoundException` */
  find(keyId: string): Key;
};

const MATERIAL_BYTES = 32;

/** @param directory of the keys' files, one each; made when missing. Only its owner may enter it. */
export function openKeyRing(directory: string, { region, accountId }: Place): KeyRing {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  const keys = new Map<string, Key>();
  const aliases = new Map<string, string>();
  const prefix = `arn:aws:kms:${region}:${accountId}:`;

  return {
    put(id, description) {
      const file = join(directory, `${id}.key`);
      if (!existsSync(file)) makeMaterial(directory, file);
      const material = readFileSync(file);
      if (material.length !== MATERIAL_BYTES) throw new Error(`${file} is not a key`);
      const createdAt = statSync(file).mtimeMs;
      keys.set(id, { id, arn: `${prefix}key/${id}`, description, createdAt, material });
    },
    putAlias(name, keyId) {
      aliases.set(name, this.find(keyId).id);
    },
    find(keyId) {
      const name = keyId.startsWith(prefix) ? keyId.slice(prefix.length) : keyId;
      const id = name.startsWith('alias/') ? aliases.get(name) : name.replace(/^key\//, '');
      const key = keys.get(id ?? '');
      if (key) return key;
      throw new ServiceError(
        'NotFoundException',
        name.startsWith('alias/')
          ? `Alias ${prefix}${name} is not found.`
          : `Key '${prefix}key/${id}' does not exist`,
      );
    },
  };
}

/** Complete or absent, and on disk before anything is encrypted with it. An existing key is never replaced. */
function makeMaterial(directory: string, file: string): void {
  const unfinished = join(directory, `unfinished-${randomUUID()}`);
  const handle = openSync(unfinished, 'wx', 0o600);
  writeSync(handle, randomBytes(MATERIAL_BYTES));
  fsyncSync(handle);
  closeSync(handle);
  linkSync(unfinished, file);
  rmSync(unfinished);
  const folder = openSync(directory, 'r');
  fsyncSync(folder);
  closeSync(folder);
}
