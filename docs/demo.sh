#!/bin/sh
# The main job on the example repository: two machines, one account, one ledger. The account is the sandbox on loopback, behind
# MsgFlash's API as documented: no list of campaigns. No key, no network, nothing is sent.
#   sh docs/demo.sh path/to/msgflash-gitops
set -eu
command=$1
rm -rf .demo && mkdir -p .demo && cd .demo
unset MSGFLASH_WORKSPACE MSGFLASH_TEAM_ID CI || true
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Ana GIT_AUTHOR_EMAIL=ana@boutique.example GIT_COMMITTER_NAME=Ana GIT_COMMITTER_EMAIL=ana@boutique.example

step() {
    printf '\n$ %s\n' "$*"
    "$@"
}
msgflash() {
    printf '\n%s$ msgflash-gitops %s\n' "$machine" "$*"
    "$command" -C "$machine" "$@"
}

"$command" -q sandbox --port 0 > account.sh &
sandbox=$!
trap 'kill $sandbox 2> /dev/null; wait $sandbox 2> /dev/null || true' EXIT
until grep -q MSGFLASH_API_KEY account.sh; do
    kill -0 $sandbox && sleep 0.1
done
. ./account.sh

# A repository with campaigns, and its remote.
git init --quiet --bare --initial-branch main remote.git
cp -R ../campaigns.example laptop
git -C laptop init --quiet --initial-branch main
git -C laptop remote add origin "$PWD/remote.git"

machine=laptop
msgflash validate
msgflash ledger init --store git
git -C laptop add --all && git -C laptop commit --quiet --message 'Campaigns of spring' && git -C laptop push --quiet origin main
msgflash plan
msgflash -q apply --auto-approve
msgflash plan --detailed-exitcode

# Another machine, which has nothing but the repository: the ledger is a branch of its remote.
step git clone --quiet remote.git runner
machine=runner
msgflash plan --detailed-exitcode
sed -i.before 's/Thursdays/Fridays/' runner/campaigns/opening-poll.yaml && rm runner/campaigns/opening-poll.yaml.before
msgflash -q apply --auto-approve
msgflash ledger show opening-poll
msgflash audit --from 2031-04-28 --to 2031-05-04
