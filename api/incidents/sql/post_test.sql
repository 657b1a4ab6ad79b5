-- Mail a post to one member of staff before it is published. The text is already rendered, because
-- the post that it was rendered from was rolled back.
create function amends.post_test(in_to text, in_subject text, in_text text, in_html text,
  in_actor bigint) returns bigint language sql as $$
  select amends.broadcast_to('post_test', 'email', '{-1}',
    jsonb_build_object('to', in_to, 'text', in_text, 'html', in_html),
    in_subject => in_subject, in_actor => in_actor)
$$;
