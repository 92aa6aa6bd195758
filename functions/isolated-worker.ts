import { serveJob } from '#adapters/isolated-jobs';
import type { LabelRequest } from '#agents/classifier/evidence';
import type { SummaryRequest } from '#agents/content/summary';
import type { FileRequest } from '#agents/export/make-file';
import type { FillRequest } from '#agents/extraction/from-text';
import type { ReadPageRequest } from '#agents/scraping/read-page';

/**
 * Entry of the processes that isolated work runs in. A new job is one line: its name, and how to load
 * what does it.
 */
serveJob({
  read_page: async (request: ReadPageRequest) =>
    (await import('#agents/scraping/read-page')).readPage(request),
  make_file: async (request: FileRequest) =>
    (await import('#agents/export/make-file')).makeFile(request),
  summarise: async (request: SummaryRequest) =>
    (await import('#agents/content/summary')).summarise(request),
  fill_schema: async (request: FillRequest) =>
    (await import('#agents/extraction/from-text')).fillFromText(request),
  weigh_labels: async (request: LabelRequest) =>
    (await import('#agents/classifier/evidence')).weighLabels(request),
  write_mail: async (body: string) =>
    (await import('#actions/email/markdown')).markdownToHtml(body),
});
