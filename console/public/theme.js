// Before the first paint: the theme that was chosen, so that nothing flashes.
(function () {
  try {
    var theme = localStorage.getItem('gait.theme');
    if (theme === 'dark' || theme === 'light') {
      document.documentElement.dataset.theme = theme;
    }
  } catch {
    // Storage may be denied; the system's preference holds then.
  }
})();
