import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '../..');

// Some CommonJS dependencies still call `require`, which an ES module does not have.
const REQUIRE_SHIM =
  'import{createRequire as createBundleRequire}from"node:module";const require=createBundleRequire(import.meta.url);';

/**
 * The AI SDK is loaded when a model is asked, but it needs much of zod, its messages in every language
 * too. Were its zod ours, each function would load all of that at its start. So it gets zod's CommonJS
 * files, which nothing else uses.
 */
const ZOD_OF_THE_AI_SDK = {
  'zod/v4': './node_modules/zod/v4/index.cjs',
  'zod/v4/core': './node_modules/zod/v4/core/index.cjs',
  'zod/v4/mini': './node_modules/zod/v4/mini/index.cjs',
  'zod/v4/locales/en.js': './node_modules/zod/v4/locales/en.cjs',
};

type EntryPoint = { readonly in: string; readonly out: string };

/** A module of its own: threads are started with it. */
const ISOLATED_WORKER: EntryPoint = {
  in: 'functions/isolated-worker.ts',
  out: 'isolated-worker',
};

/**
 * The deployable code of `functions/<name>/handler.ts`: an ES module `handler.mjs` with everything it
 * imports, the AWS SDK too, so that what was tested is what runs. Dynamic imports become chunks that
 * are loaded when they are first used. The same sources give the same bytes, wherever they are built.
 *
 * @param options.folders folders that go with the code, by the name that they get beside it.
 */
export function functionCode(
  name: string,
  options: { readonly executesSteps: boolean; readonly folders: Readonly<Record<string, string>> },
): Code {
  return Code.fromAsset(join(ROOT, 'functions', name), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Required by the type, never pulled: esbuild runs in this process.
      image: DockerImage.fromRegistry('none'),
      local: {
        tryBundle(outputDirectory) {
          bundleInto(outputDirectory, name, options.executesSteps ? [ISOLATED_WORKER] : []);
          for (const [folder, source] of Object.entries(options.folders)) {
            cpSync(source, join(outputDirectory, folder), { recursive: true });
          }
          return true;
        },
      },
    },
  });
}

// Source maps hold paths relative to the output, so esbuild is told one that is always the same.
function bundleInto(directory: string, name: string, more: readonly EntryPoint[]): void {
  const nominal = join(ROOT, 'dist', name);
  const { outputFiles } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: [{ in: `functions/${name}/handler.ts`, out: 'handler' }, ...more],
    outdir: nominal,
    write: false,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunk-[hash]',
    // Beside the bundle, to read a stack trace with. Node is not told to use them: it would load them at
    // every start, which costs more memory and time than the bundle itself.
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    banner: { js: REQUIRE_SHIM },
    // undici asks for this name to learn that it is bundled, and then leaves out a parser that it never uses.
    define: { esbuildDetection: '1' },
    // undici's parser for processors without SIMD, which neither arm64 nor x64 are.
    external: ['*/llhttp-wasm.js'],
    alias: ZOD_OF_THE_AI_SDK,
    logLevel: 'warning',
  });
  for (const file of outputFiles) {
    const target = join(directory, relative(nominal, file.path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, file.contents);
  }
}
