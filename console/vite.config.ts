import { defineConfig } from 'vite';

export default defineConfig({
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  base: '/console/',
  esbuild: { jsx: 'automatic', legalComments: 'none' },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // the content security policy allows no data: scripts or styles
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    reportCompressedSize: false,
    rollupOptions: {
      onwarn: (warning, warn) => {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') {
          warn(warning);
        }
      },
      output: {
        manualChunks: (id) => {
          if (id.includes('node_modules/@codemirror') || id.includes('node_modules/@lezer')) {
            return 'editor';
          }
          if (id.includes('node_modules/@xyflow') || id.includes('node_modules/d3-')) {
            return 'graph';
          }
          return undefined;
        },
      },
    },
  },
  server: { proxy: { '^/(?!console/(?!api/))': 'http://127.0.0.1:8083' } },
});
