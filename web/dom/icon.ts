// The few signs of the page, drawn in one stroke width. They only repeat what words beside them say.
import { svg } from './el.ts';

export type IconName =
  | 'ok'
  | 'info'
  | 'warn'
  | 'fail'
  | 'sun'
  | 'moon'
  | 'half'
  | 'leave'
  | 'close'
  | 'copy'
  | 'sliders';

const PATHS: Readonly<Record<IconName, readonly string[]>> = {
  ok: ['M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z', 'm8 12.2 2.8 2.8L16 9.5'],
  info: ['M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z', 'M12 11v5', 'M12 7.8v.1'],
  warn: ['M12 4 2.8 19.5h18.4L12 4Z', 'M12 10v4.5', 'M12 17v.1'],
  fail: ['M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3L8.3 3Z', 'm9 9 6 6', 'm15 9-6 6'],
  sun: [
    'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z',
    'M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2',
    'm5.3 5.3 1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  ],
  moon: ['M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z'],
  half: ['M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z', 'M12 3v18', 'M12 8h4.5M12 12h8M12 16h5.5'],
  leave: ['M14 4H6.5A1.5 1.5 0 0 0 5 5.5v13A1.5 1.5 0 0 0 6.5 20H14', 'M10 12h11', 'm17 8 4 4-4 4'],
  sliders: [
    'M4 7.5h8.2M17.8 7.5H20M4 16.5h2.2M11.8 16.5H20',
    'M15 4.7a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6Z',
    'M9 13.7a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6Z',
  ],
  close: ['m6 6 12 12', 'M18 6 6 18'],
  copy: ['M9 9h10.5v11.5H9z', 'M5.5 15H4.5V3.5H15v1.5'],
};

export function icon(name: IconName): SVGSVGElement {
  const lines = PATHS[name].map((d) => svg('path', { d }));
  return svg(
    'svg',
    {
      viewBox: '0 0 24 24',
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.9,
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
      'aria-hidden': 'true',
    },
    ...lines,
  );
}

/** The mark of Trespass: something within three sides, stopped at the fourth. Takes the colours of the theme. */
export function mark(): SVGSVGElement {
  return svg(
    'svg',
    { class: 'brand-mark', viewBox: '0 0 24 24', fill: 'none', 'stroke-linecap': 'round', 'aria-hidden': 'true' },
    svg('path', {
      d: 'M14.8 3.2H6A2.8 2.8 0 0 0 3.2 6v12A2.8 2.8 0 0 0 6 20.8h8.8',
      stroke: 'currentColor',
      'stroke-width': 2,
    }),
    svg('path', { class: 'brand-wall', d: 'M19.6 2.6v18.8', 'stroke-width': 3.2 }),
    svg('circle', { cx: 12.6, cy: 12, r: 2.7, fill: 'currentColor' }),
  );
}
