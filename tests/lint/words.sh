#!/bin/sh
# Sentences that readers could not understand do not come back, and texts for people use the field's
# words: subject, verb, object. Labels, templates, help, errors, guides and the manual are searched.
set -u
found=
search() { # search WHAT WORDS FILE...: any of the words, without regard to case
  what=$1 words=$2
  shift 2
  if said=$(printf '%s\n' "$@" | xargs grep -nHiE -- "$words" /dev/null); then
    printf '%s:\n%s\n' "$what" "$said" | cut -c1-200
    found=1
  fi
}
texts=$(find templates/labels/en.json templates/page templates/email templates/sms templates/slack \
  templates/chat docs/guides docs/amends.1 README.md deploy/amends.conf -type f)
strings=$(find core templates messages notifier billing api cli -name node_modules -prune -o -name '*.[ch]' -print)

worst='some trouble|when what was down|what is hit|"as it is"|change what you get'
worst="$worst|look at your mail: if this address|whom it made is removed|within so many days"
worst="$worst|remind so many minutes|who subscribe to nothing|stands again in the file"
worst="$worst|needed: there is no other way|bring subscribers in, take them out"
worst="$worst|other content under a known name|no such thing|\"shut out\""
# shellcheck disable=SC2086 # lists of paths without blanks
search 'one of the worst sentences' "$worst" $texts $strings
pattern='\bwhoever\b|\bso many\b|\b(is|are) gone\b|\bstands (there|in)\b|\bwhat lies\b|\bwho [a-z]+ed\b[^?]*\b(is|are|gets)\b'
# shellcheck disable=SC2086
search 'a pronoun for a noun, or a figure of speech' "$pattern" $texts
strings_only="\"[^\"]*($pattern)[^\"]*\""
# shellcheck disable=SC2086
search 'the same in a message' "$strings_only" $strings
[ -z "$found" ]
