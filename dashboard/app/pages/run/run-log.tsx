import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { LogLine } from '#dashboard/app/api/generated/api.ts';
import { runLogQuery } from '#dashboard/app/api/run-log.ts';
import { useLastLook } from '#dashboard/app/api/runs.ts';
import { Button } from '#dashboard/app/components/button.tsx';
import { controlClass } from '#dashboard/app/components/field.tsx';
import { Panel } from '#dashboard/app/components/panel.tsx';
import { Bone, ProblemNote } from '#dashboard/app/components/state.tsx';
import { Switch } from '#dashboard/app/components/switch.tsx';
import { clockTime } from '#dashboard/app/format/time.ts';
import styles from '#dashboard/app/pages/run/run.module.css';

const levels = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof levels)[number];

const levelChoices: Record<Level, string> = {
  debug: 'All levels',
  info: 'Info and above',
  warn: 'Warnings, errors',
  error: 'Errors',
};

/** More would be slow to draw. */
const SHOWN_LINES = 2_000;
const AT_END_PX = 16;

/** A run's log: search, narrow, follow (until one scrolls back), take along. */
export function RunLog(props: {
  readonly runId: string;
  readonly isLive: boolean;
  /** What the step at a path is called. */
  readonly nameAt: (path: string) => string;
}) {
  const { runId, isLive, nameAt } = props;
  const log = useQuery(runLogQuery(runId, isLive));
  const [words, setWords] = useState('');
  const [level, setLevel] = useState<Level>('debug');
  const [isFollowing, setFollowing] = useState(true);

  useLastLook(isLive, log.refetch);

  const lines = log.data?.filter((line) => isWanted(line, words, level));
  return (
    <Panel
      title="Log"
      isFlush
      actions={
        <Button
          size="small"
          look="ghost"
          icon={<Download size={14} aria-hidden="true" />}
          disabled={!log.data?.length}
          onClick={() => download(runId, log.data ?? [])}
        >
          Download
        </Button>
      }
    >
      <div className={styles['logTools']}>
        <input
          type="search"
          className={controlClass(false)}
          aria-label="Search the log"
          placeholder="Search the log"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <select
          className={controlClass(false)}
          aria-label="Level"
          value={level}
          onChange={(event) =>
            setLevel(levels.find((name) => name === event.target.value) ?? 'debug')
          }
        >
          {levels.map((name) => (
            <option key={name} value={name}>
              {levelChoices[name]}
            </option>
          ))}
        </select>
        {isLive && (
          <span className={styles['follow']}>
            <Switch label="Follow the log" isOn={isFollowing} onChange={setFollowing} /> Follow
          </span>
        )}
      </div>
      {log.error ? (
        <ProblemNote error={log.error} onRetry={() => void log.refetch()} />
      ) : lines === undefined ? (
        <div className={styles['quiet']}>
          <Bone width="60%" />
        </div>
      ) : (
        <Lines
          lines={lines}
          nameAt={nameAt}
          isNarrowed={words !== '' || level !== 'debug'}
          isFollowing={isLive && isFollowing}
          onFollowing={setFollowing}
        />
      )}
    </Panel>
  );
}

function Lines(props: {
  readonly lines: readonly LogLine[];
  readonly nameAt: (path: string) => string;
  readonly isNarrowed: boolean;
  /** Whether the newest line is kept in sight. */
  readonly isFollowing: boolean;
  readonly onFollowing: (isFollowing: boolean) => void;
}) {
  const { lines, nameAt, isNarrowed, isFollowing, onFollowing } = props;
  const list = useRef<HTMLOListElement>(null);
  const count = lines.length;
  const leftOut = Math.max(0, count - SHOWN_LINES);
  useEffect(() => {
    if (isFollowing && count > 0) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [isFollowing, count]);
  if (count === 0) {
    return (
      <p className={styles['quiet']}>
        {isNarrowed ? 'No line matches.' : 'Nothing was logged yet.'}
      </p>
    );
  }
  return (
    <ol
      className={styles['lines']}
      ref={list}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label="Log lines"
      onScroll={({ currentTarget }) => onFollowing(isAtEnd(currentTarget))}
    >
      {leftOut > 0 && (
        <li className={styles['quiet']}>
          {leftOut} earlier lines are not shown: search, or download the log.
        </li>
      )}
      {lines.slice(leftOut).map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added at the end
        <li key={leftOut + place} className={styles['line']}>
          <time dateTime={line.at}>{clockTime(line.at)}</time>
          <span className={styles[line.level]}>{line.level}</span>
          <p>
            {line.step !== null && <span className={styles['inStep']}>{nameAt(line.step)}: </span>}
            {line.message}
          </p>
        </li>
      ))}
    </ol>
  );
}

function isAtEnd({ scrollTop, scrollHeight, clientHeight }: HTMLElement): boolean {
  return scrollHeight - scrollTop - clientHeight < AT_END_PX;
}

function isWanted(line: LogLine, words: string, level: Level): boolean {
  if (levels.indexOf(line.level) < levels.indexOf(level)) return false;
  return words === '' || line.message.toLowerCase().includes(words.toLowerCase());
}

function download(runId: string, lines: readonly LogLine[]): void {
  const text = lines.map(
    ({ at, level, step, message }) =>
      `${at} ${level} ${step === null ? '' : `[${step}] `}${message}`,
  );
  const url = URL.createObjectURL(new Blob([`${text.join('\n')}\n`], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${runId}.log`;
  link.click();
  URL.revokeObjectURL(url);
}
