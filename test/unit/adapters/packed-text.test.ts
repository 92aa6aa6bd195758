import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, unpack } from '#adapters/packed-text';

const record = {
  path: '1',
  index: 1,
  id: 'notify',
  type: 'http',
  attempts: 1,
  status: 'success',
  startedAt: '2026-11-22T18:42:10.123Z',
  finishedAt: '2026-11-22T18:42:10.183Z',
  input: {
    kind: 'inline',
    json: JSON.stringify({
      method: 'POST',
      url: 'https://hooks.example.com/leads',
      headers: {},
      body: { lead: 'ada@example.com', score: 7 },
    }),
  },
  output: {
    kind: 'inline',
    json: JSON.stringify({
      status: 200,
      headers: { 'content-type': 'application/json', date: 'Sun, 22 Nov 2026 18:42:10 GMT' },
      json: { id: 4_711 },
      text: '{"id":4711}',
    }),
  },
  summary: 'POST hooks.example.com answered 200',
};

describe('a packed text', () => {
  it('is what it was', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(unpack(pack(text))).toBe(Buffer.from(text).toString());
      }),
    );
  });

  it('takes less than half of what the state of a step did', () => {
    const text = JSON.stringify(record);
    expect(pack(text).length).toBeLessThan(text.length / 2);
  });

  it('that was packed by the first version is read for ever', () => {
    const stored = 'AcPnlrTMouISEh1UCwA=';
    expect(unpack(Buffer.from(stored, 'base64'))).toBe(
      '{"path":"0","index":0,"id":"first","type":"http","attempts":1,"status":"success"}',
    );
  });

  it('may be one that was stored before there was packing', () => {
    expect(unpack('{"path":"0"}')).toBe('{"path":"0"}');
  });

  it.each([undefined, 7, Buffer.from([2, 3]), Buffer.from([1, 255, 255])])(
    'is refused when it is none: %s',
    (stored) => {
      expect(() => unpack(stored)).toThrow();
    },
  );
});
