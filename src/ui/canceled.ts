/** Whether this is how VS Code takes back what it was asked, such as a message that still stands, when its window closes: nothing is wrong then. */
export function isCanceled(error: unknown): boolean {
  return error instanceof Error && error.name === 'Canceled';
}
