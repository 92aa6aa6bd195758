import type * as z from 'zod';
import type { FileRequest, MadeFile } from '#agents/export/make-file';
import type { ExportFormat, ExportInput, ExportOutput } from '#agents/export/schema';
import type { ActionResult } from '#core/action';
import type { AgentContext } from '#core/agents/built-in-agent';
import { ActionRejectedError } from '#core/errors';

const kinds: Readonly<Record<ExportFormat, { readonly ending: string; readonly type: string }>> = {
  csv: { ending: 'csv', type: 'text/csv; charset=utf-8' },
  json: { ending: 'json', type: 'application/json' },
  markdown: { ending: 'md', type: 'text/markdown; charset=utf-8' },
  html: { ending: 'html', type: 'text/html; charset=utf-8' },
  xlsx: {
    ending: 'xlsx',
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  },
};

/** Makes the file, keeps it, and gives the link. */
export async function exportFile({
  input,
  isolate,
  files,
  run,
  signal,
}: AgentContext<ExportInput>): Promise<ActionResult<z.input<typeof ExportOutput>>> {
  const { data, format, title, columns, link_minutes } = input;
  const request: FileRequest = { data, format, title, columns };
  const made = await isolate<MadeFile>('make_file', request, { signal });
  if ('problem' in made) throw new ActionRejectedError(made.problem);
  const { ending, type } = kinds[format];
  const name = input.name.endsWith(`.${ending}`) ? input.name : `${input.name}.${ending}`;
  const { runId, stepPath } = run;
  const { body, rows } = made;
  const link = await files.put(
    { runId, stepPath, name, contentType: type, body },
    link_minutes * 60,
  );
  return {
    output: {
      url: link.url,
      expires_at: link.expiresAt,
      name,
      content_type: type,
      bytes: body.length,
      rows,
    },
    summary: `Wrote ${name}, ${body.length} bytes`,
  };
}
