import { generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenVerifier } from '#adapters/tokens';
import { type Condition, conditionProblems, holds } from '#core/conditions/conditions';
import { operators } from '#core/conditions/operators';
import { AppError, RequestError } from '#core/errors';
import { acceptDelivery } from '#core/runs/webhook-trigger';
import { cronProblem, nextFires, parseCron } from '#core/schedules/schedules';
import { deliveryDeps, OPEN_DOOR } from '#test/helpers/delivery';

/** What reading a short input may take of the processor, however it is made. */
const LIMIT_MS = 250;

const anyText = fc.string({ unit: 'binary', maxLength: 80 });
const anyJson = fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' });

/** Each try is bounded, so that no input is much slower than others. */
function timed<Result>(read: () => Result): Result {
  const before = process.threadCpuUsage();
  const result = read();
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(LIMIT_MS);
  return result;
}

describe("a webhook's body", () => {
  const contentType = fc.oneof(
    fc.constantFrom(
      'application/json',
      'application/cloudevents+json; charset=utf-16',
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
      'text/xml',
      '',
    ),
    anyText,
  );
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    anyJson.map((value) => Buffer.from(JSON.stringify(value))),
    fc
      .array(fc.constantFrom('{', '}', '[', '"', ':', ',', '\\u0000', '__proto__', '=', '&', '%'))
      .map((parts) => Buffer.from(parts.join(''))),
  );

  it('of any bytes and any type becomes data or a refusal, and changes no prototype', async () => {
    await fc.assert(
      fc.asyncProperty(contentType, body, async (type, bytes) => {
        const { deps, triggers } = deliveryDeps();
        const headers = { 'content-type': type };
        const delivery = { agentId: OPEN_DOOR.agentId, headers, query: {}, body: bytes };
        try {
          await timed(() => acceptDelivery(delivery, deps));
          expect(triggers()).toHaveLength(1);
        } catch (error) {
          expect(error).toBeInstanceOf(RequestError);
          expect((error as RequestError).code).toBe('invalid_request');
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('of JSON is the same JSON in the run', async () => {
    await fc.assert(
      fc.asyncProperty(anyJson, async (value) => {
        const { deps, triggers } = deliveryDeps();
        const text = JSON.stringify(value);
        await acceptDelivery(
          {
            agentId: OPEN_DOOR.agentId,
            headers: { 'content-type': 'application/json' },
            query: {},
            body: Buffer.from(text),
          },
          deps,
        );
        expect(triggers()[0]?.body).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a condition', () => {
  const { tree } = fc.letrec((tie) => ({
    leaf: fc.record(
      {
        left: fc.oneof(anyJson, fc.constantFrom('{{trigger.body.a}}', '{{trigger.__proto__}}')),
        op: fc.oneof(fc.constantFrom(...operators), anyText),
        right: anyJson,
      },
      { requiredKeys: [] },
    ),
    tree: fc.oneof(
      { depthSize: 'small' },
      tie('leaf'),
      fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }),
      fc.record({ not: tie('tree') }),
      anyJson,
    ),
  }));

  it('of any form has problems to name, or is true or false of any data, or says why not', () => {
    fc.assert(
      fc.property(tree, anyJson, (condition, data) => {
        const problems = timed(() => conditionProblems(condition, 'when'));
        for (const { path, message } of problems) {
          expect(path).toMatch(/^when/);
          expect(message).toMatch(/\S/);
        }
        if (problems.length > 0) return;
        const scope = { data: { trigger: { body: data } } };
        try {
          expect(typeof timed(() => holds(condition as Condition, scope as never))).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a cron expression', () => {
  const field = fc
    .array(
      fc.constantFrom('*', '/', '-', ',', '?', 'L', '#', '0', '1', '5', '31', '59', 'MON', 'feb'),
      {
        minLength: 1,
        maxLength: 6,
      },
    )
    .map((parts) => parts.join(''));
  const nearly = fc.array(field, { minLength: 4, maxLength: 6 }).map((fields) => fields.join(' '));

  it('that nearly is one is refused with words, or fires at times that only grow', () => {
    fc.assert(
      fc.property(fc.oneof(nearly, anyText), (expression) => {
        const problem = timed(() => cronProblem(expression));
        if (problem !== undefined) return void expect(problem).toMatch(/\S/);
        const schedule = { cron: parseCron(expression), timezone: 'Australia/Lord_Howe' };
        const fires = nextFires(schedule, Date.UTC(2027, 3, 3), 20);
        for (const [index, fire] of fires.entries()) {
          expect(fire % 60_000).toBe(0);
          if (index > 0) expect(fire).toBeGreaterThan(fires[index - 1] ?? 0);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('an access token', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
  const authenticate = tokenVerifier({
    oidcIssuer: 'https://issuer.example.com',
    oidcAudience: 'us',
    oidcJwks: JSON.stringify({ keys: [jwk] }),
    cognitoUserPoolId: '',
    cognitoClientId: '',
  });
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = (header: unknown, claims: unknown) => {
    const text = `${encode(header)}.${encode(claims)}`;
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  const right = { alg: 'RS256', kid: 'one', typ: 'JWT' };
  const claims = {
    iss: 'https://issuer.example.com',
    aud: 'us',
    sub: 'alice',
    exp: Math.floor(Date.now() / 1_000) + 3_600,
  };
  const good = signed(right, claims);

  async function isRefused(authorization: string): Promise<void> {
    await expect(authenticate(authorization)).rejects.toMatchObject({ code: 'unauthorized' });
  }

  it('that is right is taken', async () => {
    expect(await authenticate(`Bearer ${good}`)).toMatchObject({ userId: 'alice', isAdmin: false });
  });

  it('of any text is refused', async () => {
    const part = fc.oneof(anyText, anyJson.map(encode), fc.base64String());
    const token = fc.tuple(part, part, part).map((parts) => parts.join('.'));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anyText, token),
        fc.constantFrom('Bearer ', 'bearer ', ''),
        (text, scheme) => isRefused(`${scheme}${text}`),
      ),
      { numRuns: 500 },
    );
  });

  it('with any other letter at any place is refused', async () => {
    const letter = fc.constantFrom(...'ABCXYZabcxyz0129-_.');
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 3), letter, async (place, other) => {
        if (good[place] === other) return;
        await isRefused(`Bearer ${good.slice(0, place)}${other}${good.slice(place + 1)}`);
      }),
      { numRuns: 300 },
    );
  });

  it('that is rightly signed and says anything in place of a claim names nobody else', async () => {
    const name = fc.constantFrom('iss', 'aud', 'sub', 'exp', 'nbf', 'token_use', 'cognito:groups');
    await fc.assert(
      fc.asyncProperty(name, anyJson, async (changed, value) => {
        const token = signed(right, { ...claims, [changed]: value });
        const caller = await authenticate(`Bearer ${token}`).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'unauthorized' });
        });
        if (caller) expect(caller.userId).toBe(changed === 'sub' ? value : 'alice');
      }),
      { numRuns: 200 },
    );
  });
});
