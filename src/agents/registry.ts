import { classifierAgent } from '#agents/classifier/agent';
import { contentAgent } from '#agents/content/agent';
import { exportAgent } from '#agents/export/agent';
import { extractionAgent } from '#agents/extraction/agent';
import { monitorAgent } from '#agents/monitor/agent';
import { scrapingAgent } from '#agents/scraping/agent';
import type { BuiltInAgent } from '#core/agents/built-in-agent';

/** Every built-in agent we ship, in one list: adding one is one folder and one line here. */
export const builtInAgents: readonly BuiltInAgent[] = [
  scrapingAgent,
  contentAgent,
  extractionAgent,
  classifierAgent,
  exportAgent,
  monitorAgent,
];

const byName = new Map(builtInAgents.map((agent) => [plainName(agent.name), agent]));

/** The agent of this name, however it is spelled: `Scraping Agent`, `scraping_agent` or `scraping`. */
export function findBuiltInAgent(name: string): BuiltInAgent | undefined {
  return byName.get(plainName(name));
}

function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s_-]+/g, '')
    .replace(/agent$/, '');
}
