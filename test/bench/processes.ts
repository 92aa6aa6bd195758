/** What processes use, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** One process. */
export type ProcessUse = {
  readonly pid: number;
  /** Name of its program. */
  readonly name: string;
  /** Memory that is its own, and its share of what it has in common with others (PSS), in MB. */
  readonly pssMb: number;
  readonly rssMb: number;
  /** CPU time since it started, in milliseconds. */
  readonly cpuMs: number;
};

const TICKS_PER_SECOND = 100;
// Positions in /proc/<pid>/stat behind the name, which may itself hold blanks.
const PARENT = 1;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** A process and all that descend from it. Those that end meanwhile are left out. */
export function treeUse(root: number): ProcessUse[] {
  return treeOf(root).flatMap((pid) => processUse(pid) ?? []);
}

/** Ids of a process and of all that descend from it, whatever group they are in. */
export function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(statOf(Number(name))?.[PARENT]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** CPU time that the whole machine has spent working since it started, in milliseconds. */
export function machineCpuMs(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , ...interruptsAndStolen] = line
    .split(/ +/)
    .slice(1)
    .map(Number);
  const [interrupts = 0, softInterrupts = 0, stolen = 0] = interruptsAndStolen;
  const ticks = user + nice + system + interrupts + softInterrupts + stolen;
  return (ticks * 1_000) / TICKS_PER_SECOND;
}

/** One process; undefined when it has ended. */
export function processUse(pid: number): ProcessUse | undefined {
  const stat = statOf(pid);
  const rollup = read(pid, 'smaps_rollup');
  if (!stat || rollup === undefined) return undefined;
  const ticks = Number(stat[USER_TICKS]) + Number(stat[SYSTEM_TICKS]);
  return {
    pid,
    name: programOf(pid),
    pssMb: megabytes(rollup, 'Pss'),
    rssMb: megabytes(rollup, 'Rss'),
    cpuMs: (ticks * 1_000) / TICKS_PER_SECOND,
  };
}

function statOf(pid: number): string[] | undefined {
  const text = read(pid, 'stat');
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** The command line's first word: some programs rewrite the whole line into one. */
function programOf(pid: number): string {
  return basename(read(pid, 'cmdline')?.split(/[\0 ]/, 1)[0] ?? '') || 'unknown';
}

function megabytes(rollup: string, field: string): number {
  const kilobytes = new RegExp(`^${field}: +(\\d+) kB$`, 'm').exec(rollup)?.[1];
  return Number(kilobytes ?? 0) / 1_024;
}

function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
