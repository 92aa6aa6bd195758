/**
 * The template language of agents: paths into the data of a run, and a closed list of filters.
 * It computes and calls nothing, so that there is nothing to break out of.
 */
export { placeholdersIn, templateProblems } from './check.ts';
export { templateFilters } from './filter-list.ts';
export type { TemplateScope } from './lookup.ts';
export { parseTemplate } from './parse.ts';
export { type Embed, resolveTemplates, templateResolver } from './resolve.ts';
export { TemplateError, TemplateWorkError } from './template-error.ts';
