/** The part of `strftime` that chat templates use to tell a model the date; always in UTC and in English. */

const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

function field(date: Date, letter: string): string | null {
  const two = (value: number) => String(value).padStart(2, "0");
  const month = MONTHS[date.getUTCMonth()] ?? "";
  const day = DAYS[date.getUTCDay()] ?? "";
  switch (letter) {
    case "Y":
      return String(date.getUTCFullYear());
    case "y":
      return two(date.getUTCFullYear() % 100);
    case "m":
      return two(date.getUTCMonth() + 1);
    case "B":
      return month;
    case "b":
      return month.slice(0, 3);
    case "d":
      return two(date.getUTCDate());
    case "A":
      return day;
    case "a":
      return day.slice(0, 3);
    case "H":
      return two(date.getUTCHours());
    case "M":
      return two(date.getUTCMinutes());
    case "S":
      return two(date.getUTCSeconds());
    case "%":
      return "%";
    default:
      return null;
  }
}

/** `%-d` and the like drop leading zeros. Throws for a directive that isn't known: a wrong date would go unnoticed. */
export function strftime({ date, format }: { date: Date; format: string }): string {
  return format.replace(/%(-?)(.)/gs, (whole, dash: string, letter: string) => {
    const text = field(date, letter);
    if (text === null) throw new Error(`the date format ${whole} is not supported`);
    return dash === "" ? text : text.replace(/^0+(?=\d)/, "");
  });
}
