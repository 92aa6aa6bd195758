import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { provision } from '#local/provision';
import { type Emulators, startEmulators } from '#local/services/emulators';
import type { Resource } from '#local/types';
import { temporaryDirectory } from '#test/helpers/directories';
import { clients, deployed, PLACE, smallStack } from './small-stack.ts';

const directory = temporaryDirectory();
const ARN = 'arn:aws:kms:us-east-1:000000000000:key/Small-Secrets';
const ALIAS = 'alias/secrets';
const EncryptionContext = { user_id: 'alice', connection_id: 'con_1' };
const Plaintext = Buffer.from('xoxb-ä');
const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
let emulators: Emulators;
let aws: ReturnType<typeof clients>;

function withKeys(statements: readonly object[]): Record<string, Resource> {
  const root = { AWS: { 'Fn::Sub': `arn:aws:iam::\${AWS::AccountId}:root` } };
  const KeyPolicy = {
    Statement: [{ Effect: 'Allow', Action: 'kms:*', Principal: root, Resource: '*' }],
  };
  return {
    ...smallStack(statements),
    Secrets: {
      Type: 'AWS::KMS::Key',
      Properties: { KeyPolicy, EnableKeyRotation: true, Description: 'secrets of users' },
    },
    Other: { Type: 'AWS::KMS::Key', Properties: {} },
    Name: {
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: ALIAS, TargetKeyId: { 'Fn::GetAtt': ['Secrets', 'Arn'] } },
    },
  };
}

const deployment = deployed({ Resources: withKeys([everything]) });
const KeyId = deployment.physical('Secrets');

async function start(): Promise<void> {
  emulators = await startEmulators({ dataDir: directory, ...PLACE });
  await provision(deployment, emulators.endpoints);
  aws = clients(deployment, emulators.endpoints);
}

beforeAll(start);
afterAll(async () => {
  aws.close();
  await emulators.close();
});

async function encrypted(): Promise<Uint8Array> {
  const output = await aws.keys.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
  return output.CiphertextBlob ?? new Uint8Array();
}

describe('a key', () => {
  it('encrypts and decrypts, the context in any order', async () => {
    const { CiphertextBlob, KeyId: usedKey } = await aws.keys.send(
      new EncryptCommand({ KeyId, Plaintext, EncryptionContext }),
    );
    const output = await aws.keys.send(
      new DecryptCommand({
        CiphertextBlob,
        EncryptionContext: { connection_id: 'con_1', user_id: 'alice' },
      }),
    );

    expect(usedKey).toBe(ARN);
    expect(output).toMatchObject({ KeyId: ARN, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
    expect(Buffer.from(output.Plaintext ?? []).toString()).toBe('xoxb-ä');
    expect(Buffer.from(CiphertextBlob ?? []).includes(Plaintext)).toBe(false);
  });

  it.each([
    ['another context', { ...EncryptionContext, user_id: 'mallory' }],
    ['a context that lacks something', { user_id: 'alice' }],
    ['no context', undefined],
  ])('does not decrypt with %s', async (_, context) => {
    const CiphertextBlob = await encrypted();
    const command = new DecryptCommand({
      CiphertextBlob,
      ...(context && { EncryptionContext: context }),
    });
    await expect(aws.keys.send(command)).rejects.toMatchObject({
      name: 'InvalidCiphertextException',
    });
  });

  it('does not decrypt what was changed, or is none of its own', async () => {
    const changed = Buffer.from(await encrypted());
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    for (const CiphertextBlob of [changed, changed.subarray(0, 20), Buffer.from('hello')]) {
      const command = new DecryptCommand({ CiphertextBlob, EncryptionContext });
      await expect(aws.keys.send(command)).rejects.toMatchObject({
        name: 'InvalidCiphertextException',
      });
    }
  });

  it('is not another one', async () => {
    const command = new DecryptCommand({
      CiphertextBlob: await encrypted(),
      EncryptionContext,
      KeyId: deployment.physical('Other'),
    });
    await expect(aws.keys.send(command)).rejects.toMatchObject({ name: 'IncorrectKeyException' });
  });

  it('gives data keys, plain and encrypted', async () => {
    const dataKey = await aws.keys.send(
      new GenerateDataKeyCommand({ KeyId: ALIAS, KeySpec: 'AES_256', EncryptionContext }),
    );
    const { CiphertextBlob } = dataKey;
    const output = await aws.keys.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(dataKey.KeyId).toBe(ARN);
    expect(dataKey.Plaintext).toHaveLength(32);
    expect(output.Plaintext).toEqual(dataKey.Plaintext);
  });

  it.each([KeyId, ARN, ALIAS, 'arn:aws:kms:us-east-1:000000000000:alias/secrets'])(
    'is found as %s',
    async (name) => {
      const { KeyMetadata } = await aws.keys.send(new DescribeKeyCommand({ KeyId: name }));
      expect(KeyMetadata).toMatchObject({
        KeyId: 'Small-Secrets',
        Arn: ARN,
        Description: 'secrets of users',
        KeyState: 'Enabled',
      });
    },
  );

  it.each([
    ['key-of-nobody', "Key 'arn:aws:kms:us-east-1:000000000000:key/key-of-nobody' does not exist"],
    ['alias/nobody', 'Alias arn:aws:kms:us-east-1:000000000000:alias/nobody is not found.'],
  ])('must exist: %s', async (name, message) => {
    const call = aws.keys.send(new EncryptCommand({ KeyId: name, Plaintext }));
    await expect(call).rejects.toMatchObject({ name: 'NotFoundException', message });
  });

  it('encrypts at most 4096 bytes', async () => {
    const call = aws.keys.send(new EncryptCommand({ KeyId, Plaintext: Buffer.alloc(4097) }));
    await expect(call).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('is made once, in a file that only its owner may read', async () => {
    const file = join(directory, 'kms', 'Small-Secrets.key');
    const before = readFileSync(file);
    const CiphertextBlob = await encrypted();

    aws.close();
    await emulators.close();
    await start();
    const output = await aws.keys.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));

    expect(Buffer.from(output.Plaintext ?? [])).toEqual(Plaintext);
    expect(readFileSync(file)).toEqual(before);
    expect(before).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'kms')).mode & 0o777).toBe(0o700);
  });
});

describe('a role', () => {
  const callAs = (...statements: object[]) =>
    clients(deployed({ Resources: withKeys(statements) }), emulators.endpoints).keys;
  const allow = (Action: string, Condition?: object) => ({
    Effect: 'Allow',
    Action,
    Resource: ARN,
    ...(Condition && { Condition }),
  });
  const encrypt = (context: Record<string, string> = EncryptionContext, name = KeyId) =>
    new EncryptCommand({ KeyId: name, Plaintext, EncryptionContext: context });

  it('may do only what it says with the key', async () => {
    const keys = callAs(allow('kms:Encrypt'));
    const { CiphertextBlob } = await keys.send(encrypt());
    const refused = keys.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    await expect(refused).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:sts::000000000000:assumed-role/Small-Role/Small-Worker is not authorized to perform: kms:Decrypt on resource: ${ARN} because no identity-based policy allows the kms:Decrypt action`,
    });
  });

  it('is judged by the key behind an alias', async () => {
    await callAs(allow('kms:Encrypt')).send(encrypt(EncryptionContext, ALIAS));
    const denied = callAs({ ...allow('kms:*'), Resource: deployment.attribute('Other', 'Arn') });
    await expect(denied.send(encrypt(EncryptionContext, ALIAS))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  it.each([
    {
      condition: { StringEquals: { 'kms:EncryptionContext:user_id': 'alice' } },
      context: EncryptionContext,
      may: true,
    },
    {
      condition: { StringEquals: { 'kms:EncryptionContext:user_id': 'alice' } },
      context: { user_id: 'bob' },
      may: false,
    },
    {
      condition: { StringEquals: { 'kms:EncryptionContext:user_id': 'alice' } },
      context: {},
      may: false,
    },
    {
      condition: { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['user_id'] } },
      context: EncryptionContext,
      may: false,
    },
    {
      condition: { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': ['user_id'] } },
      context: EncryptionContext,
      may: true,
    },
    {
      condition: { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': ['user_id'] } },
      context: {},
      may: false,
    },
  ])('is held to $condition with $context', async ({ condition, context, may }) => {
    const keys = callAs(allow('kms:Encrypt', condition));
    const outcome = keys.send(encrypt(context as Record<string, string>)).then(
      () => 'allowed',
      (error: Error) => error.name,
    );
    expect(await outcome).toBe(may ? 'allowed' : 'AccessDeniedException');
  });
});

it.each([
  ['a setting that nothing heeds', { MultiRegion: true }, 'MultiRegion'],
  [
    'a policy that decides by itself',
    { KeyPolicy: { Statement: [{ Effect: 'Deny', Action: 'kms:*', Principal: '*' }] } },
    'only key policies that leave it to IAM',
  ],
])('a template with %s does not start', async (_, Properties, message) => {
  const Extra = { Type: 'AWS::KMS::Key', Properties };
  const strange = deployed({ Resources: { ...smallStack(), Extra } });
  await expect(provision(strange, emulators.endpoints)).rejects.toThrow(message);
});
