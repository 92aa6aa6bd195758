import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from '#core/cursor';
import { isId, newId } from '#core/ids';

const bytes = (fill: number) => (count: number) => new Uint8Array(count).fill(fill);

describe('newId', () => {
  it('sorts by time, whatever the random part says', () => {
    const earlier = newId('run', 1_763_802_000_000, bytes(255));
    const later = newId('run', 1_763_802_000_001, bytes(0));
    expect(earlier < later).toBe(true);
  });

  it('makes ids that are recognised, and only with their own prefix', () => {
    const id = newId('agt', 1_763_802_000_000, bytes(7));
    expect(id).toHaveLength(30);
    expect(isId('agt', id)).toBe(true);
    expect(isId('run', id)).toBe(false);
  });

  it.each(['', 'agt_', 'agt_../../x', `agt_${'I'.repeat(26)}`, `agt_${'0'.repeat(27)}`])(
    'does not take %j for an id',
    (text) => expect(isId('agt', text)).toBe(false),
  );
});

describe('cursors', () => {
  it('lead back to their position in the same list', () => {
    const cursor = encodeCursor('runs alice', 'run_1') ?? '';
    expect(decodeCursor('runs alice', cursor)).toBe('run_1');
  });

  it.each([
    ["another caller's list", encodeCursor('runs bob', 'run_1') ?? ''],
    ['rubbish', '%%%'],
    ['other JSON', Buffer.from('{"a":1}').toString('base64url')],
  ])('are refused from %s', (_name, cursor) => {
    expect(() => decodeCursor('runs alice', cursor)).toThrow('not of this list');
  });

  it('end with the list', () => {
    expect(encodeCursor('runs alice', undefined)).toBeNull();
  });
});
