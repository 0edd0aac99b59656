// Stands in for the native @vscode/spdlog: VS Code's log files and output channels, without a compiler.
const fs = require('node:fs'),
  path = require('node:path');
const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];
class Logger {
  constructor(_type, _name, file) {
    this.file = file;
    this.level = 2;
    this.raw = false;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.appendFileSync(file, '');
  }
  write(l, m) {
    if (l < this.level) return;
    const d = new Date(),
      t = new Date(d - d.getTimezoneOffset() * 60000).toISOString().replace('T', ' ').slice(0, 23);
    try {
      fs.appendFileSync(this.file, this.raw ? m : `${t} [${names[l]}] ${m}\n`);
    } catch {}
  }
  trace(m) {
    this.write(0, m);
  }
  debug(m) {
    this.write(1, m);
  }
  info(m) {
    this.write(2, m);
  }
  warn(m) {
    this.write(3, m);
  }
  error(m) {
    this.write(4, m);
  }
  critical(m) {
    this.write(5, m);
  }
  getLevel() {
    return this.level;
  }
  setLevel(l) {
    this.level = l;
  }
  setPattern() {
    this.raw = false;
  }
  clearFormatters() {
    this.raw = true;
  }
  flush() {}
  drop() {}
}
const create = async (name, file) => new Logger('rotating', name, file);
exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create; // "exports.x =" each: VS Code import()s this, and only those names are seen
