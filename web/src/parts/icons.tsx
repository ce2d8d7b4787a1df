/** Icons drawn here: 24 x 24, one stroke. A word always stands beside an icon, or its button carries one. */
const PATHS = {
  today: "M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
  goods: "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
  bill: "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
  khata: "M6 3h11a2 2 0 012 2v16H7a2 2 0 01-2-2V4a1 1 0 011-1zM5 18a2 2 0 012-2h12M9 7h6M9 11h6",
  more: "M5 7h14M5 12h14M5 17h14",
  back: "M15 5l-7 7 7 7",
  undo: "M8 6l-4 4 4 4M4 10h10a5 5 0 010 10h-4",
  turn: "M9 5l7 7-7 7",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7",
  search: "M11 5a6 6 0 110 12 6 6 0 010-12zM15.5 15.5L20 20",
  scan: "M4 8V5a1 1 0 011-1h3M16 4h3a1 1 0 011 1v3M20 16v3a1 1 0 01-1 1h-3M8 20H5a1 1 0 01-1-1v-3M8 8v8M11 8v8M14 8v8M17 8v8",
  cash: "M3 7h18v10H3zM12 9.5a2.5 2.5 0 110 5 2.5 2.5 0 010-5M6 10v4M18 10v4",
  phone: "M7 3h10v18H7zM11 18h2",
  person: "M12 4a4 4 0 110 8 4 4 0 010-8M4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5",
  people: "M9 5a3.5 3.5 0 110 7 3.5 3.5 0 010-7M2.5 19c.8-3.5 3.3-5 6.5-5s5.700 1.500 6.500 5M16 6a3 3 0 010 5.800M18 14.500c2 .6 3 2 3.500 4.500",
  camera: "M4 8h3l2-3h6l2 3h3v11H4zM12 10a3.500 3.500 0 110 7 3.500 3.500 0 010-7",
  truck: "M3 6h11v10H3zM14 10h4l3 3v3h-7M7 16a2 2 0 100 4 2 2 0 000-4M17 16a2 2 0 100 4 2 2 0 000-4",
  count: "M5 4h14v16H5zM8 8h8M8 12h3M8 16h3M14 13l1.500 1.500L18 12",
  tag: "M4 4h8l8 8-8 8-8-8zM8.500 8.500h.01",
  moon: "M12 3v2M12 19v2M3 12h2M19 12h2M12 8a4 4 0 110 8 4 4 0 010-8",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 017 0v3",
  wait: "M12 4a8 8 0 110 16 8 8 0 010-16M12 8v4.500l3 2",
  offline: "M3 3l18 18M8.500 15.500a5 5 0 016-.8M5 12a10 10 0 014-2.500M13 8.200A10 10 0 0119 12M12 19h.01",
  alert: "M12 4l9 16H3zM12 10v4.500M12 17.500h.01",
  language: "M4 6h9M8.500 4v2M11 6c-.5 4-3 7-6.500 8.500M6 9c1 2.500 3 4.500 5.500 5.500M12.500 20L16.500 10l4 10M14 17h5",
  share: "M12 15V4M8 8l4-4 4 4M5 13v6h14v-6",
  print: "M7 8V4h10v4M7 17H4V9h16v8h-3M7 14h10v6H7z",
  chart: "M4 20V4M4 20h16M8 16v-5M12 16V8M16 16v-3",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  out: "M14 4H5v16h9M10 12h10M17 8.500l3.500 3.500-3.500 3.500",
  spark: "M12 3l2 6.500 6.500 2.500-6.500 2.500L12 21l-2-6.500L3.500 12 10 9.500z",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  send: "M4 12l16-8-6 16-3-7z",
  shop: "M4 9l1.500-5h13L20 9M4 9v11h16V9M4 9c0 3 4 3 4 0 0 3 4 3 4 0 0 3 4 3 4 0 0 3 4 3 4 0M10 20v-5h4v5",
  refresh: "M19 12a7 7 0 11-2-5M19 4v4h-4",
  up: "M5 15l7-7 7 7",
  bell: "M6 17V11a6 6 0 0112 0v6l1.500 1.500h-15zM10.500 21h3",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name, className = "" }: { name: IconName; className?: string }) {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
