import { useEffect, useState } from 'react';

import type { HistoryEvent } from '@/api/types';
import { eventTitle } from '@/history/event';
import { Button } from '@/parts/Button';
import { durationText } from '@/parts/time';

interface ScrubberProps {
  events: HistoryEvent[];
  /** How many events have happened in the view; undefined: all of them, and those to come. */
  position: number | undefined;
  onChange: (position: number | undefined) => void;
}

const replayMs = 6000; // a whole replay, however long the run was
const stepMs = 40;

/** Replays the run: the graph as it was after any event. */
export function Scrubber({ events, position, onChange }: ScrubberProps) {
  const [isPlaying, setPlaying] = useState(false);
  const count = events.length;
  const at = position ?? count;
  useEffect(() => {
    if (!isPlaying) {
      return undefined;
    }
    const step = Math.max(count / (replayMs / stepMs), 1 / 6);
    let exact = position === undefined || position >= count ? 0 : position;
    const timer = setInterval(() => {
      exact += step;
      if (exact >= count) {
        setPlaying(false);
        onChange(undefined);
      } else {
        onChange(Math.floor(exact));
      }
    }, stepMs);
    return () => clearInterval(timer);
    // The timer goes on by itself from where it started.
  }, [isPlaying]);
  const event = events[Math.max(at - 1, 0)];
  const first = events[0];
  return (
    <div className="scrubber">
      <Button look="quiet" isSmall icon={isPlaying ? 'stop' : 'play'} aria-label={isPlaying ? 'Stop the replay' : 'Replay the run'} onClick={() => setPlaying(!isPlaying)} />
      <input
        type="range"
        aria-label="Moment of the run"
        aria-valuetext={event ? `event ${event.id}, ${eventTitle(event.type)}` : ''}
        min={0}
        max={count}
        value={at}
        onChange={(change) => {
          setPlaying(false);
          const value = Number(change.target.value);
          onChange(value >= count ? undefined : value);
        }}
      />
      <span className="faint nums scrubber-time">{event && first ? `${at} / ${count} · ${durationText((event.timestamp - first.timestamp) * 1000)}` : ''}</span>
      <Button look="quiet" isSmall disabled={position === undefined} onClick={() => onChange(undefined)}>
        Now
      </Button>
    </div>
  );
}
