import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/parts.css';
import './style/graph.css';
import './style/execution.css';
import './style/design.css';

import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { queryClient } from './api/queries';
import { loadSession } from './api/session';
import { Toasts } from './parts/toast';
import { router } from './router';

const root = document.getElementById('root');
if (root) {
  const show = (): void =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Toasts />
        </QueryClientProvider>
      </StrictMode>,
    );
  void loadSession().then(show, show);
}
