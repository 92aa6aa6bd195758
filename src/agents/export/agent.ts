import { ExportInput, ExportOutput } from '#agents/export/schema';
import { defineAgent } from '#core/agents/built-in-agent';

/** Writes data into a file. */
export const exportAgent = defineAgent({
  name: 'Export Agent',
  title: 'Write data into a file',
  description:
    'Writes a list or a text into a CSV, JSON, Markdown, HTML or XLSX file and gives a link that works for an hour, or as long as you say. Files are deleted after a week. What looks like a formula is written as text.',
  input: ExportInput,
  mainField: 'data',
  output: ExportOutput,
  credits: 5,
  idempotency: 'A repeated call writes the same file again and gives a new link to it.',
  example: {
    input: { data: [{ name: 'Ada', total: 12.5 }], format: 'xlsx', name: 'customers' },
  },
  async run(context) {
    const { exportFile } = await import('#agents/export/export-file');
    return exportFile(context);
  },
});
