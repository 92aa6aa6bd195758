import { describe, expect, it } from 'vitest';
import { checkHealth } from '#core/health';

describe('a deep health check', () => {
  it('names what it asked', async () => {
    const checks = await checkHealth({ table: async () => 1, run_queue: async () => undefined });
    expect(checks).toEqual({ table: 'ok', run_queue: 'ok' });
  });

  it('names what fails, and nothing of the why', async () => {
    const error = await checkHealth({
      table: async () => ({}),
      run_queue: () => Promise.reject(new Error('arn:aws:sqs:eu-west-1:123456789012:secret')),
    }).catch((reason: unknown) => reason);

    expect(error).toMatchObject({
      code: 'unavailable',
      message: 'Not working now: run_queue.',
      details: { checks: { table: 'ok', run_queue: 'failing' } },
    });
    expect(JSON.stringify(error)).not.toContain('arn:');
  });

  it('does not wait for what never answers', async () => {
    const check = checkHealth({ table: () => new Promise(() => undefined) }, 5);
    await expect(check).rejects.toMatchObject({ message: 'Not working now: table.' });
  });
});
