/** Something that is given back when it's no longer needed. */
export interface Disposable {
  dispose(): unknown;
}

/** Owns what a class makes, and gives it back in reverse order, once. */
export class DisposableStore implements Disposable {
  private items: Disposable[] = [];
  private disposed = false;

  /** Takes ownership; a store that is disposed already disposes the item at once. */
  add<T extends Disposable>(item: T): T {
    if (this.disposed) item.dispose();
    else this.items.push(item);
    return item;
  }

  dispose(): void {
    this.disposed = true;
    for (const item of this.items.splice(0).reverse()) item.dispose();
  }
}
