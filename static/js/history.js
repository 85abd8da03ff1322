// Undo and redo: states are plain data, kept whole.

export class History {
  constructor(state) {
    this.past = [];
    this.future = [];
    this.state = state;
  }

  push(state) {
    this.past.push(this.state);
    this.future = [];
    this.state = state;
  }

  undo() {
    if (!this.past.length) return false;
    this.future.push(this.state);
    this.state = this.past.pop();
    return true;
  }

  redo() {
    if (!this.future.length) return false;
    this.past.push(this.state);
    this.state = this.future.pop();
    return true;
  }
}
