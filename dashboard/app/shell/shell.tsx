import { Dialog } from '@base-ui/react/dialog';
import { Link, Outlet } from '@tanstack/react-router';
import { Menu as MenuIcon } from 'lucide-react';
import { useState, useSyncExternalStore } from 'react';
import { BrandMark } from '#dashboard/app/components/brand.tsx';
import { buttonClass } from '#dashboard/app/components/button.tsx';
import overlay from '#dashboard/app/components/overlay.module.css';
import { Navigation } from '#dashboard/app/shell/navigation.tsx';
import { PersonMenu } from '#dashboard/app/shell/person-menu.tsx';
import styles from '#dashboard/app/shell/shell.module.css';

/** What surrounds every page. */
export function Shell() {
  return (
    <div className={styles['shell']}>
      <a className={styles['skip']} href="#content">
        Skip to content
      </a>
      <aside className={styles['side']} aria-label="Sidebar">
        <Brand />
        <Navigation />
        <div className={styles['foot']}>
          <PersonMenu />
        </div>
      </aside>
      <TopBar />
      <main id="content" className={styles['main']} tabIndex={-1}>
        <OfflineNote />
        <Outlet />
      </main>
    </div>
  );
}

function Brand() {
  return (
    <Link to="/app/agents" className={styles['brand'] ?? ''} aria-label="CrucibAI Agents, home">
      <BrandMark />
      CrucibAI
    </Link>
  );
}

/** On a narrow screen the navigation is behind a button. */
function TopBar() {
  const [isOpen, setOpen] = useState(false);
  return (
    <header className={styles['top']}>
      <Brand />
      <Dialog.Root open={isOpen} onOpenChange={(open) => setOpen(open)}>
        <Dialog.Trigger
          className={buttonClass({ look: 'ghost', isIcon: true })}
          aria-label="Open navigation"
        >
          <MenuIcon size={18} aria-hidden="true" />
        </Dialog.Trigger>
        <Dialog.Portal>
          <Dialog.Backdrop className={overlay['backdrop']} />
          <Dialog.Popup className={styles['drawer']} aria-label="Navigation">
            <Navigation onNavigate={() => setOpen(false)} />
            <div className={styles['foot']}>
              <PersonMenu onNavigate={() => setOpen(false)} />
            </div>
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
    </header>
  );
}

function OfflineNote() {
  const isOnline = useSyncExternalStore(
    subscribeToNetwork,
    () => navigator.onLine,
    () => true,
  );
  if (isOnline) return null;
  return (
    <p className={styles['offline']} role="status">
      You are offline. What you see may be out of date; changes cannot be saved.
    </p>
  );
}

function subscribeToNetwork(changed: () => void): () => void {
  addEventListener('online', changed);
  addEventListener('offline', changed);
  return () => {
    removeEventListener('online', changed);
    removeEventListener('offline', changed);
  };
}
