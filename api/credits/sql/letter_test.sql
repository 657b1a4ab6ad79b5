-- Send one letter of a run's notice to another address, as a test.
-- in_extra: {to, locale, variants ...}.
create function amends.credit_letter_test(in_run bigint, in_contact bigint, in_subject text,
  in_body text, in_actor bigint, in_extra jsonb) returns bigint language sql as $$
  select amends.broadcast_to('credit_test', 'email', '{-1}',
    in_extra || jsonb_build_object('contact', in_contact), in_credit_run_id => in_run,
    in_subject => in_subject, in_body => in_body, in_actor => in_actor)
$$;
