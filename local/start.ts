/** `npm start`: the whole product on this machine. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Compiled code is kept: the next start is faster, and no thread needs the memory of a compiler.
enableCompileCache(join(import.meta.dirname, '..', '.cache', 'node'));
// Lambda's time zone.
process.env['TZ'] = 'UTC';

const { run } = await import('#local/command');
process.exitCode = await run();
