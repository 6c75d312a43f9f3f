// `train --recipe`: a named set of options, spelled out before the run and in its record.

import { type Command, Option } from "commander";
import type { Dataset } from "../../data/dataset.ts";
import { formOf } from "../../data/stored/row-store.ts";
import { must } from "../../errors.ts";
import { RECIPE_NAMES, RECIPES, type Recipe, type RecipeName } from "../../training/recipes.ts";
import { flagOf } from "../call.ts";
import { note } from "../program.ts";

export function addRecipe(command: Command): void {
  command.addOption(
    new Option(
      "--recipe <name>",
      "a set of options that was found to pay, for images or small-table; those given replace its own",
    ).choices(RECIPE_NAMES),
  );
}

type RecipeFlags = {
  readonly recipe?: RecipeName;
  readonly from?: string | undefined;
  readonly quiet?: true;
  readonly json?: true;
};

/** The options of --recipe, which are said; none without it. Raises InvalidInput beside --from. */
export function recipeOf({ recipe: name, from, quiet, json }: RecipeFlags): Recipe {
  if (name === undefined) return {};
  must(from === undefined, "--recipe", "left out with --from: the model keeps its own layers", name);
  const recipe = RECIPES[name];
  if (!quiet && !json) note(`recipe ${name}: ${words(recipe)}; options given beside it replace these.`);
  return recipe;
}

/** Raises InvalidInput where a recipe for images is asked for rows that are none, or one for tables for images. */
export function refuseOtherRows({ recipe: name }: RecipeFlags, train: Dataset): void {
  if (name === undefined) return;
  const [images, forTables] = [formOf(train) === "bytes", name === "small-table"];
  const others = RECIPE_NAMES.filter((other) => (other === "small-table") === !images).join(", ");
  const expected = images ? `one for images (${others})` : `one for tables (${others})`;
  must(images !== forTables, "--recipe", expected, name);
}

/** A recipe as options of the command line. */
const words = (recipe: Recipe): string =>
  Object.entries(recipe)
    .map(([name, value]) => `${flagOf(name)} ${value}`)
    .join(" ");
