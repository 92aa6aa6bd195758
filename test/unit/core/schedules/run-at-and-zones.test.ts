import { describe, expect, it } from 'vitest';
import {
  parseRunAt,
  runAtProblem,
  ScheduleError,
  timezoneProblem,
} from '#core/schedules/schedules';

describe('parseRunAt', () => {
  it.each([
    ['2027-01-01T09:00:00Z', '2027-01-01T09:00:00.000Z'],
    ['2027-01-01T09:00Z', '2027-01-01T09:00:00.000Z'],
    ['2027-01-01T09:00:30.123456Z', '2027-01-01T09:00:30.123Z'],
    ['2027-01-01t09:00:00z', '2027-01-01T09:00:00.000Z'],
    ['2027-01-01T09:00:00+05:45', '2027-01-01T03:15:00.000Z'],
    ['2028-02-29T23:59:59-11:00', '2028-03-01T10:59:59.000Z'],
  ])('reads %s', (text, expected) => {
    expect(new Date(parseRunAt(text)).toISOString()).toBe(expected);
    expect(runAtProblem(text)).toBeUndefined();
  });

  it.each([
    ['2027-01-01T09:00:00', 'Say in which zone: write "2027-01-01T09:00:00Z" for UTC'],
    ['2027-02-29T09:00:00Z', 'There is no day 2027-02-29'],
    ['2027-13-01T09:00:00Z', 'There is no day 2027-13-01'],
    ['2027-01-01T24:00:00Z', 'ISO 8601'],
    ['2027-01-01T09:60:00Z', 'ISO 8601'],
    ['2027-01-01T09:00:60Z', 'ISO 8601'],
    ['2027-01-01T09:00:00+25:00', 'ISO 8601'],
    ['2027-01-01', 'ISO 8601'],
    ['tomorrow', 'ISO 8601'],
    ['', 'ISO 8601'],
    [`2027-01-01T09:00:00.${'1'.repeat(1_000_000)}Z`, 'ISO 8601'],
  ])('refuses %.40s and says what to change', (text, message) => {
    expect(runAtProblem(text)).toContain(message);
    expect(() => parseRunAt(text)).toThrow(ScheduleError);
  });
});

describe('timezoneProblem', () => {
  it.each([
    'UTC',
    'Etc/UTC',
    'GMT',
    'Europe/London',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'America/Argentina/Buenos_Aires',
    'America/Port-au-Prince',
    'US/Eastern',
    'Etc/GMT+5',
    'EST5EDT',
  ])('takes %s', (timezone) => {
    expect(timezoneProblem(timezone)).toBeUndefined();
  });

  it('takes every name that Intl lists', () => {
    const refused = Intl.supportedValuesOf('timeZone').filter(
      (timezone) => timezoneProblem(timezone) !== undefined,
    );

    expect(refused).toEqual([]);
  });

  it.each([
    '',
    'London',
    'Europe/Londres',
    '+01:00',
    'UTC+1',
    'PST',
    'local',
    'asia/kolkata',
    'x'.repeat(1_000_000),
  ])('refuses %.20s', (timezone) => {
    expect(timezoneProblem(timezone)).toMatch(/There is no time zone ".{0,64}"; use an IANA name/);
  });

  it('names the right case', () => {
    expect(timezoneProblem('europe/paris')).toContain('"Europe/Paris"');
    expect(timezoneProblem('utc')).toContain('"UTC"');
  });
});
