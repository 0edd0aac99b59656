// The script of a job's page. Every text is put in as text: what an agent wrote makes no markup, link or command here.
// @ts-check
(() => {
  const vscode = acquireVsCodeApi();

  /** @param {string} tag @param {string} [className] @param {string} [text] */
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const button = (label, action, className) => {
    const element = make('button', className, label);
    element.type = 'button';
    element.dataset.action = action;
    return element;
  };

  const facts = (page) => {
    const list = make('dl', 'facts');
    for (const { name, value, action } of page.facts) {
      const cell = make('dd');
      cell.append(action ? button(value, action, 'link') : value);
      list.append(make('dt', '', name), cell);
    }
    return list;
  };

  const steps = (page) => {
    const list = make('ol', 'steps');
    list.setAttribute('aria-label', page.words.steps);
    for (const { name, time, after } of page.steps) {
      const item = make('li');
      item.append(make('span', 'step', name), make('span', 'time', after ? `${time} · +${after}` : time));
      list.append(item);
    }
    return list;
  };

  const part = (title, { text, none, cut, path }, goesOn) => {
    const section = make('section', 'part');
    section.setAttribute('aria-label', title);
    section.append(make('h2', '', title), make('p', 'path', path));
    section.append(text === undefined ? make('p', 'none', none) : make('pre', '', text));
    if (cut) section.append(make('p', 'none', goesOn));
    return section;
  };

  const show = (page) => {
    vscode.setState(page.state);
    const head = make('header');
    const title = make('h1', '', page.title);
    title.append(make('span', `status ${page.tone}`, page.status));
    head.append(title);
    if (page.reason) head.append(make('p', `reason ${page.tone}`, page.reason));
    head.append(facts(page), steps(page));
    const bar = make('div', 'buttons');
    bar.setAttribute('role', 'toolbar');
    bar.setAttribute('aria-label', page.words.actions);
    page.buttons.forEach(({ action, label }, at) => {
      bar.append(button(label, action, at === 0 ? 'main' : ''));
    });
    head.append(bar);
    const texts = make('main', 'texts');
    const { prompt, answer, cut } = page.words;
    texts.append(part(prompt, page.prompt, cut), part(answer, page.answer, cut));
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.action : undefined;
    document.body.replaceChildren(head, texts);
    if (focused) document.querySelector(`[data-action="${focused}"]`)?.focus();
  };

  window.addEventListener('message', ({ data }) => show(data));
  document.addEventListener('click', ({ target }) => {
    const action = target instanceof HTMLElement ? target.dataset.action : undefined;
    if (action) vscode.postMessage({ action });
  });
  vscode.postMessage({ action: 'ready' });
})();
