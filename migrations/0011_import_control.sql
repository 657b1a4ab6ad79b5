-- Imports that list a bounded number of invalid lines, can be cancelled, and are undone in the
-- background.
alter table subscriber_import
  add column unlisted bigint not null default 0,     -- invalid lines that import_line lacks
  add column cancelled_by text,                      -- who asked to cancel what runs
  add column backend integer,                        -- pid of the session that works, to cancel it
  add column undone_rows bigint not null default 0,  -- by the undo that runs
  drop constraint subscriber_import_state_check,
  -- As before, and: any that runs -> cancelled; done -> undoing -> undone, or done again.
  add constraint subscriber_import_state_check check (state in ('waiting', 'reading', 'comparing',
    'writing', 'done', 'refused', 'failed', 'cancelled', 'undoing', 'undone'));
