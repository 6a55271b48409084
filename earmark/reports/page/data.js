// The columns of the report, as `html_data.py` writes them, made items again.

const unfold = ({ same, rest }) => {
  let before = "";
  return rest.map((text, at) => (before = before.slice(0, same[at]) + text));
};

const sparse = ({ of, is }) => new Map(of.map((item, at) => [item, is[at]]));

// A path without the ending of its name, as `html_links.py` cuts it.
const stem = (file) => {
  const begin = file.lastIndexOf("/") + 1;
  const dot = file.slice(begin).lastIndexOf(".");
  return dot > 0 ? file.slice(0, begin + dot) : file;
};

const decode = (columns) => {
  const file = unfold(columns.file);
  const job = unfold(columns.job);
  const path = unfold(columns.path);
  const word = (name) => (at) => columns[name].words[columns[name].at[at]];
  const [service, fate, state] = ["service", "fate", "state"].map(word);
  const [grade, reason, label] = ["grade", "reason", "label"].map(word);
  const [held, saved, tries] = ["held", "saved", "tries"].map((name) => sparse(columns[name]));
  const [credits, shared, paid] = ["credits", "shared", "paid"].map((name) => sparse(columns[name]));
  const { first, after } = columns.since;
  let next = 0;
  return file.map((name, at) => {
    const begin = next;
    next += columns.results[at];
    const charged = columns.charged[at];
    return {
      at, file: name, job: job[at], service: service(at), fate: fate(at), state: state(at),
      grade: grade(at), reason: reason(at), ms: columns.ms[at], bytes: columns.bytes[at],
      expected: columns.expected[at], ceiling: columns.ceiling[at], charged,
      drift: charged === null ? null : charged - columns.expected[at],
      held: held.get(at) ?? 0, saved: saved.get(at) ?? 0, tries: tries.get(at) ?? 0,
      credits: credits.has(at), shared: shared.has(at), paid: paid.has(at),
      since: after[at] === null ? null : first + after[at],
      get results() {
        return Array.from({ length: columns.results[at] }, (_, n) => ({
          path: path[begin + n].replace("\0", () => stem(name)), label: label(begin + n),
        }));
      },
    };
  });
};

// Each part of a path is encoded, the colon too: no name becomes a scheme, a query or a host.
const address = (path) => path.split("/").map(encodeURIComponent).join("/");
const audible = (path) => /\.(wav|mp3|flac|m4a|aac|ogg|oga|opus|weba)$/i.test(path);
