// However often something changes, the page is drawn once for each frame at most. In a hidden page the browser
// gives no frames; a slow timer takes their place so that nothing piles up.

const HIDDEN_DELAY_MS = 1_000;

/** A function that asks for `draw` to run once, soon. */
export function onceAFrame(draw: () => void): () => void {
  let isAsked = false;
  const run = (): void => {
    isAsked = false;
    draw();
  };
  return () => {
    if (isAsked) {
      return;
    }
    isAsked = true;
    if (document.hidden) {
      setTimeout(run, HIDDEN_DELAY_MS);
    } else {
      requestAnimationFrame(run);
    }
  };
}
